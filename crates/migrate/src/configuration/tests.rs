//! Tests of reading and converting configurations.
