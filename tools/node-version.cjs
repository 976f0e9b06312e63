// Checks the version of Node.js before loading modules that need it: npm only warns.
const { engines } = require('../package.json')

const [requiredVersion, version] = [engines.node, process.versions.node].map(text =>
  text.match(/\d+/g).map(Number)
)
if (
  version[0] < requiredVersion[0] ||
  (version[0] === requiredVersion[0] && version[1] < requiredVersion[1])
) {
  console.error(`Node.js ${engines.node} is needed; this is ${process.versions.node}`)
  process.exit(1)
}
