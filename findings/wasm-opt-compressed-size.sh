#!/usr/bin/env bash
# wasm-opt -Oz makes modules smaller than -O3, and larger after compression, which is the size that a browser loads.
#
# Software: wasm-opt of Binaryen 132, from the npm package binaryen 132.0.0; gzip level 9 of Node.js.
# Input: the modules in the npm packages source-map 0.7.6 and web-tree-sitter 0.25.10, of which one comes from Rust and
#   the other from C.
# Expected: -Oz gives the smallest file to load. `wasm-opt --help` describes -Oz as optimizing for size above all, and -O3
#   as spending more time on speed.
# Seen: the output of -Oz is smaller than that of -O3 before compression, and larger after gzip, for both modules. So the
#   level is to be chosen by the compressed size where a server compresses.
set -euo pipefail

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
cd "$temporary"

echo '{ "private": true }' > package.json
npm install --silent --no-fund --no-audit --ignore-scripts --save-exact \
    binaryen@132.0.0 source-map@0.7.6 web-tree-sitter@0.25.10
wasm_opt=node_modules/.bin/wasm-opt
"$wasm_opt" --version

# Prints the size of a file in bytes, and its size after gzip.
sizes() {
    node -e '
        const bytes = require("node:fs").readFileSync(process.argv[1]);
        console.log(bytes.length, require("node:zlib").gzipSync(bytes, { level: 9 }).length);
    ' "$1"
}

echo "expected: -Oz is smaller than -O3, compressed too"
changed=""
for module in source-map/lib/mappings.wasm web-tree-sitter/tree-sitter.wasm; do
    for level in -O3 -Oz; do
        "$wasm_opt" --all-features "$level" "node_modules/$module" -o "optimized$level.wasm"
    done
    read -r speed speed_compressed < <(sizes optimized-O3.wasm)
    read -r size size_compressed < <(sizes optimized-Oz.wasm)
    echo "seen, $module: -O3 $speed bytes, $speed_compressed with gzip; -Oz $size bytes, $size_compressed with gzip"
    [ "$size" -lt "$speed" ] && [ "$size_compressed" -gt "$speed_compressed" ] || changed=yes
done

if [ -n "$changed" ]; then
    echo "The behaviour has changed." >&2
    exit 1
fi
