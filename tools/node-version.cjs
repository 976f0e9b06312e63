// Checks the version of Node.js before loading modules that need it: npm only warns.
const { engines } = require('../package.json')

const [needed, had] = [engines.node, process.versions.node].map(text =>
  text.match(/\d+/g).map(Number)
)
if (had[0] < needed[0] || (had[0] === needed[0] && had[1] < needed[1])) {
  console.error(`Node.js ${engines.node} is needed; this is ${process.versions.node}`)
  process.exit(1)
}
