#!/usr/bin/env bash
# Mutation testing of plugins/, a folder at a time, each with a report of its own; then what is left without a reason.
#   npm run test:mutation              all folders
#   npm run test:mutation -- contiple  one of them
set -euo pipefail
cd "$(dirname "$0")/../.."
here=qa/mutation
mkdir -p $here/report
for folder in ${@:-oracle-csc contiple online-contact itx-chat huawei-aicc kit contract}; do
  config=$here/.config-$folder.json
  sed "s#report/mutation.json#report/$folder.json#; s#report/incremental.json#report/$folder-incremental.json#" $here/stryker.config.json > "$config"
  $here/node_modules/.bin/node $here/node_modules/@stryker-mutator/core/bin/stryker.js run "$config" --mutate "plugins/$folder/*.ts,!plugins/*/schemas.ts,!plugins/*/diagnosis.ts,!plugins/*/route-docs.ts,!plugins/kit/explain*.ts,!plugins/kit/mistakes.ts,!plugins/kit/wrong-clients.ts"
  rm "$config"
done
node $here/survivors.mjs
