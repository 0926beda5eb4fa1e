//! What files mean, and what is wrong with them.
