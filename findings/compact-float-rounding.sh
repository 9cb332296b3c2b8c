#!/usr/bin/env bash
# lexical-parse-float rounds a few numbers wrongly with its feature `compact`, and correctly without it.
#
# Software: the Rust crate lexical-parse-float 1.0.6, which YAML and JSON readers use where std's tables are too large, such as in
#   WebAssembly.
# Input: 10382092182516516699854864384.00001, which is a little more than half-way between two floats of 64 bits.
# Expected: according to the crate's documentation, `compact` only makes the binary smaller at the expense of speed. Both builds
#   return the nearest float, 1.0382092182516518e28, as std does.
# Seen: with `compact`, the result is the other neighbour, 1.0382092182516516e28: the digits after the 19th, which decide, do not
#   count.
set -euo pipefail

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary"

mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "rounding"
version = "0.0.0"
edition = "2021"

[features]
compact = ["lexical-parse-float/compact"]

[dependencies]
lexical-parse-float = { version = "=1.0.6", default-features = false, features = ["std"] }
TOML
cat > src/main.rs <<'RUST'
use lexical_parse_float::FromLexical;

fn main() {
    let text = "10382092182516516699854864384.00001";
    let lexical = f64::from_lexical(text.as_bytes()).unwrap();
    let std: f64 = text.parse().unwrap();
    println!("{lexical:e} {std:e}");
}
RUST
without=$(cargo run --quiet)
with=$(cargo run --quiet --features compact)

echo "without compact: $without (lexical-parse-float, std; expected: twice 1.0382092182516518e28)"
echo "with compact:    $with (expected: the same)"

[[ $without == "1.0382092182516518e28 1.0382092182516518e28" && $with == "1.0382092182516516e28 1.0382092182516518e28" ]] || {
    echo "The behaviour has changed." >&2
    exit 1
}
