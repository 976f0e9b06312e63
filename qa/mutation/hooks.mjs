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
    const found = next(specifier, context)
    const sandbox = pathToFileURL(process.cwd() + '/').href
    const isOurs = found.url.startsWith(sandbox) && !found.url.includes('/node_modules/') &&
      found.url.endsWith('.ts')
    return isOurs ? { ...found, url: `${found.url}?generation=${generation}` } : found
  }
})
