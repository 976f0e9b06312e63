import { instance } from '@viz-js/viz'

/**
 * Letters are smaller than Graphviz expects, because fonts differ between machines and Graphviz
 * knows the width of one. Colours follow the page's theme.
 */
const style = `<style>
text { font: 13px system-ui, Helvetica, Arial, sans-serif; fill: #1f2328; stroke: none }
.graph > polygon { fill: #ffffff; stroke: none }
.node path, .node polygon, .node polyline { fill: #f6f8fa; stroke: #57606a }
.cluster polygon { fill: none; stroke: #8c959f; stroke-dasharray: 4 3 }
.vendor path { fill: #ddf4ff; stroke: #0969da }
.yours path { fill: #dafbe1; stroke: #1a7f37 }
.fastify path { fill: none }
.edge path { stroke: #57606a }
.edge polygon { fill: #57606a; stroke: #57606a }
.fails path { stroke: #cf222e }
.fails polygon { fill: #cf222e; stroke: #cf222e }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.graph > polygon { fill: #0d1117 }
.node path, .node polygon, .node polyline { fill: #161b22; stroke: #8b949e }
.vendor path { fill: #0c2d6b; stroke: #58a6ff }
.yours path { fill: #033a16; stroke: #3fb950 }
.fastify path { fill: none }
.edge path { stroke: #8b949e }
.edge polygon { fill: #8b949e; stroke: #8b949e }
.fails path { stroke: #ff7b72 }
.fails polygon { fill: #ff7b72; stroke: #ff7b72 }
}
</style>`

/** Renders DOT as SVG for light and dark pages. @throws {Error} if the text is not DOT */
export async function draw (dot: string): Promise<string> {
  const svg = (await instance()).renderString(dot, { format: 'svg' })
  return svg
    // Removes Graphviz's version, node names, and a document type on an external server.
    .replaceAll(/<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*/g, '')
    .replace(/(<svg[^>]*>)/, (opening: string) => `${opening}\n${style}`)
}
