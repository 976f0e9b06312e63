import neostandard from 'neostandard'
import regexp from 'eslint-plugin-regexp'

/** The rooms of the kit, lowest first. A file imports its own room and those below. */
const rooms = ['wire', 'keys', 'replay', 'route', 'explain']

const restrict = (group, message) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns: [{ group, message }] }]
})

export default [
  ...neostandard({
    ts: true,
    // The formatter (dprint) decides on style.
    noStyle: true,
    ignores: [
      '**/dist/',
      '.docs-code*/',
      '.fuzz-code/',
      'qa/neighbours/guides-code/',
      '.mutation/',
      'data/',
      '.tap/',
      'coverage/'
    ]
  }),
  {
    files: ['**/*.ts'],
    rules: {
      // A schema and its static type share one name; the compiler refuses real redeclarations.
      '@typescript-eslint/no-redeclare': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error'
    }
  },
  {
    // The formatter wraps code; what it cannot wrap is a comment, a string or a pattern.
    rules: {
      'max-len': ['error', {
        code: 100,
        ignoreUrls: true,
        ignoreStrings: true,
        ignoreTemplateLiterals: true,
        ignoreRegExpLiterals: true
      }]
    }
  },
  {
    // What strangers send is matched here: no pattern may take more than linear time.
    files: ['plugins/**/*.ts', 'cli/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }]
    }
  },
  {
    files: ['plugins/**/*.ts', 'cli/**/*.ts', 'examples/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', {
        object: 'URL',
        property: 'canParse',
        message: 'Wrong outside ASCII on Node 20 and 22, once optimized: use parseUrl of the kit.'
      }]
    }
  },
  ...rooms.map((room, at) => ({
    files: [`plugins/kit/${room}/**/*.ts`],
    rules: restrict(
      [...rooms.slice(at + 1).map(above => `**/${above}/**`), '../index.ts', '../define-vendor.ts'],
      `A file of ${room}/ imports its own room and those below, never upwards.`
    )
  })),
  {
    files: ['plugins/*/scheme.ts'],
    ignores: ['plugins/contract/**'],
    rules: restrict(
      [...rooms.slice(1).map(room => `**/${room}/**`), '**/kit/index.ts', 'fastify*'],
      'A scheme is pure: it imports wire/, scheme.ts and errors.ts of the kit.'
    )
  }
]
