// Says which Node.js is needed, before a module that an older one cannot load: npm only warns.
const { engines } = require('../package.json')

const [needed, had] = [engines.node, process.versions.node].map(text =>
  text.match(/\d+/g).map(Number)
)
if (had[0] < needed[0] || (had[0] === needed[0] && had[1] < needed[1])) {
  console.error(`Node.js ${engines.node} is needed; this is ${process.versions.node}`)
  process.exit(1)
}
