#!/usr/bin/env bash
# Mutation testing of plugins/, with one report per folder. Finally prints the mutants that no test
# detects and no reason covers.
#   npm run test:mutation              all folders
#   npm run test:mutation -- contiple  one of them
set -euo pipefail
cd "$(dirname "$0")/../.."
here=qa/mutation
mkdir -p $here/report
for folder in ${@:-$(ls -d plugins/*/ | xargs -n 1 basename)}; do
  config=$here/.config-$folder.json
  sed "s#report/mutation.json#report/$folder.json#; s#report/incremental.json#report/$folder-incremental.json#" $here/stryker.config.json > "$config"
  $here/node_modules/.bin/node $here/node_modules/@stryker-mutator/core/bin/stryker.js run "$config" --mutate "plugins/$folder/**/*.ts,!plugins/*/schemas.ts,!plugins/*/diagnosis.ts,!plugins/*/openapi.ts,!plugins/kit/explain/**"
  rm "$config"
done
node $here/survivors.mjs
