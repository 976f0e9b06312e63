// Draws each picture of docs/architecture: the .dot beside an .svg is its source.
import { readFileSync, writeFileSync } from 'node:fs'
import { globSync } from 'tinyglobby'
import { draw } from './draw.ts'

for (const source of globSync('docs/internals/architecture/*.dot')) {
  writeFileSync(source.replace(/\.dot$/, '.svg'), await draw(readFileSync(source, 'utf8')))
}
