// Reloads tests and plugins for each generation, so that values computed at load time (tables,
// patterns, schemas) can be mutated too. Replaces tap with the stand-in.
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

const standIn = new URL('tap.mjs', import.meta.url).href

let generation = 0
export const nextGeneration = () => ++generation

registerHooks({
  resolve (specifier, context, next) {
    if (specifier === 'tap') return { url: standIn, format: 'module', shortCircuit: true }
    const resolved = next(specifier, context)
    const sandbox = pathToFileURL(process.cwd() + '/').href
    const isOurs = resolved.url.startsWith(sandbox) && !resolved.url.includes('/node_modules/') &&
      resolved.url.endsWith('.ts')
    return isOurs ? { ...resolved, url: `${resolved.url}?generation=${generation}` } : resolved
  }
})
