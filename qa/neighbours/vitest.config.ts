// For vitest.neighbour.ts alone.
export default { test: { include: ['guides-code/*.vitest.ts'] } }
