// SCIMMY and its routers with handlers in memory. The protocol's behaviour is the packages'; the storage, the uniqueness
// of userName (409) and the answer for an id that is not there (404) are ours, as the packages leave them to the handlers.
import express from 'express';
import { randomUUID } from 'node:crypto';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';

const port = Number(process.argv[2]);
const token = process.argv[3];

function missing(id) {
  return new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);
}

// Handlers over one map of resources; with `uniqueBy` that attribute's values are unique without regard to case.
function handlers(resourceType, uniqueBy) {
  const resources = new Map();
  const taken = new Map();
  const key = (resource) => String(resource[uniqueBy]).toLowerCase();
  return {
    ingress(resource, data) {
      const old = resources.get(resource.id);
      if (resource.id && !old) throw missing(resource.id);
      const id = resource.id ?? randomUUID();
      const copy = JSON.parse(JSON.stringify(data));
      if (uniqueBy) {
        if (taken.has(key(copy)) && taken.get(key(copy)) !== id) {
          throw new SCIMMY.Types.Error(409, 'uniqueness', `${uniqueBy} already in use`);
        }
        if (old) taken.delete(key(old));
        taken.set(key(copy), id);
      }
      const now = new Date().toISOString();
      const stored = { ...copy, id, meta: { resourceType, created: old?.meta.created ?? now, lastModified: now } };
      resources.set(id, stored);
      return stored;
    },
    egress(resource) {
      if (resource.id) {
        if (!resources.has(resource.id)) throw missing(resource.id);
        return resources.get(resource.id);
      }
      const all = [...resources.values()];
      return resource.filter ? resource.filter.match(all) : all;
    },
    degress(resource) {
      const old = resources.get(resource.id);
      if (!old) throw missing(resource.id);
      if (uniqueBy) taken.delete(key(old));
      resources.delete(resource.id);
    },
  };
}

function attach(resource, { ingress, egress, degress }) {
  resource.ingress(ingress).egress(egress).degress(degress);
}

attach(
  SCIMMY.Resources.declare(SCIMMY.Resources.User).extend(SCIMMY.Schemas.EnterpriseUser, false),
  handlers('User', 'userName'),
);
attach(SCIMMY.Resources.declare(SCIMMY.Resources.Group), handlers('Group', null));

const app = express();
app.use('/scim/v2', new SCIMMYRouters({
  type: 'bearer',
  docUri: 'https://example.com/help/oauth.html',
  handler(request) {
    if (request.header('Authorization') !== `Bearer ${token}`) throw new Error('Authorization not detected!');
    return 'idp';
  },
}));
app.listen(port, '127.0.0.1');
