// Tests the editor's hover text for names in user code: type names and a sentence, not the kit's
// inferred types.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { vendors } from 'fastify-contact-center'
import t, { type Test } from 'tap'
import ts from 'typescript'

const root = resolve(import.meta.dirname, '../..')
const probe = resolve(root, 'qa/package/hover-probe.ts')

const camel = (name: string): string =>
  name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
const pascal = (name: string): string => camel(`-${name}`)

interface Named {
  readonly plugin: string
  readonly decorator: string
  readonly options: string
  readonly verification: string
}

const vendorTypes = vendors.map((name): Named => ({
  plugin: camel(name),
  decorator: `${pascal(name)}Decorator`,
  options: `${pascal(name)}Options`,
  verification: `${pascal(name)}Verification`
}))
const template: Named = {
  plugin: 'acme',
  decorator: 'DecoratorOf<typeof acme>',
  options: 'OptionsOfVendor<typeof acme>',
  verification: 'VerificationOf<typeof acme>'
}

const usesOf = ({ plugin, options, verification }: Named): string => `
export type OptionsFor_${plugin} = ${options}
export type VerificationFor_${plugin} = ${verification}
export const given_${plugin} = (options: OptionsFor_${plugin}) => [options.keys, options.as]
export const verified_${plugin} = (verified: VerificationFor_${plugin}) => verified.scheme
export const hook_${plugin} = (app: FastifyInstance) => app.${plugin}.verify
export const scheme_${plugin} = (app: FastifyInstance) => app.${plugin}.scheme
`

const strictOf = ({ plugin }: Named): string =>
  `export const strict_${plugin} = (options: OptionsFor_${plugin}) => options.strict\n`

const source = `
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { DecoratorOf, OptionsOfVendor, VerificationOf } from 'fastify-contact-center/kit'
import acme from '../../examples/custom-vendor/index.ts'
${
  vendors.map(name =>
    `import type { ${pascal(name)}Options, ${pascal(name)}Verification } ` +
    `from 'fastify-contact-center/${name}'`
  ).join('\n')
}
${[...vendorTypes, template].map(usesOf).join('')}
${vendorTypes.map(strictOf).join('')}
export const verification = (request: FastifyRequest) => request.verification
export type Template = DecoratorOf<typeof acme>
`

const { config } = ts.readConfigFile(resolve(root, 'tsconfig.json'), ts.sys.readFile)
const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root, { noUnusedLocals: false })
const language = ts.createLanguageService({
  ...ts.sys,
  useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
  getCompilationSettings: () => options,
  getScriptFileNames: () => [probe],
  getScriptVersion: () => '1',
  getScriptSnapshot: path =>
    path === probe || ts.sys.fileExists(path)
      ? ts.ScriptSnapshot.fromString(path === probe ? source : readFileSync(path, 'utf8'))
      : undefined,
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  getCurrentDirectory: () => root,
  fileExists: path => path === probe || ts.sys.fileExists(path)
})

/** The hover text and docs of the last name in a piece of the source. */
function hover (piece: string): { text: string, docs: string } {
  const start = source.indexOf(piece)
  if (start < 0) throw new Error(`the source has no ${piece}`)
  const end = start + piece.length
  const info = language.getQuickInfoAtPosition(probe, end - 1)
  return {
    // Ignores Fastify's own part of the text.
    text: ts.displayPartsToString(info?.displayParts)
      .replace(/Fastify(?:Instance|Request)<.*>\.(?=\w+: )/s, ''),
    docs: ts.displayPartsToString(info?.documentation)
  }
}

/** Distinguishes inferred types from named ones. */
const wall =
  /\b(?:Omit|Pick|Exclude|NonNullable|OptionKind|OptionKinds|VendorDefinition|infer)\b| extends [^>]+\?| & \{\}|\.\.\./

t.test('the probe compiles like user code', async t => {
  const diagnostics = language.getSemanticDiagnostics(probe)
  t.same(
    diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')),
    []
  )
})

for (const names of vendorTypes) {
  const { plugin, decorator, options, verification } = names
  t.test(plugin, async t => {
    const app = hover(`hook_${plugin} = (app: FastifyInstance) => app.${plugin}`)
    t.equal(app.text, `(property) ${plugin}: ${decorator}`)
    t.match(app.docs, /^Hooks, functions and schemas of .+\.$/)

    t.equal(
      hover(`OptionsFor_${plugin} = ${options}`).text.split('\n')[0],
      `(alias) interface ${options}`
    )
    const verified = hover(`VerificationFor_${plugin} = ${verification}`)
    t.match(verified.text, `type ${verification} = Verification & {\n    readonly scheme: "`)
    t.notMatch(verified.text, wall)
    t.match(verified.docs, 'The type of `request.verification`')
    const strict = hover(`strict_${plugin} = (options: OptionsFor_${plugin}) => options.strict`)
    t.equal(strict.text, '(property) strict?: boolean | undefined')
    t.match(strict.docs, /^False .+\./)
    everyMember(t, names)
  })
}

t.test('the template', async t => {
  const app = hover('hook_acme = (app: FastifyInstance) => app.acme')
  t.equal(app.text, '(property) acme: VendorDecorator<Scheme<AcmeInput>, object> & object')
  t.notMatch(app.text, wall)
  const options = hover('OptionsFor_acme')
  t.match(options.text, /^type OptionsFor_acme = \{\} & CommonOptions & /)
  t.notMatch(options.text, wall)
  t.notMatch(hover('VerificationFor_acme').text, wall)
  // Vendors without functions or schemas: TypeScript names the type, and does not resolve it.
  everyMember(t, template, 'DecoratorName<VendorDecorator<Scheme<AcmeInput>, object> & object>')
})

t.test('request.verification', async t => {
  const { text, docs } = hover('request.verification')
  t.equal(text, '(property) verification: Verification | null')
  t.match(docs, /^Set by a vendor's `verify` hook on success\. Null before that/)
})

function everyMember (t: Test, { plugin }: Named, names = `"${plugin}" | undefined`): void {
  for (
    const [piece, text] of [
      [
        `given_${plugin} = (options: OptionsFor_${plugin}) => [options.keys`,
        'CommonOptions.keys: Keys | KeyResolver'
      ],
      [
        `given_${plugin} = (options: OptionsFor_${plugin}) => [options.keys, options.as`,
        `as?: ${names}`
      ],
      [
        `verified_${plugin} = (verified: VerificationFor_${plugin}) => verified.scheme`,
        'scheme: "'
      ],
      [`hook_${plugin} = (app: FastifyInstance) => app.${plugin}.verify`, '.verify: VerifyHook'],
      [`scheme_${plugin} = (app: FastifyInstance) => app.${plugin}.scheme`, '.scheme: ']
    ] as const
  ) {
    const hoverText = hover(piece)
    t.match(hoverText.text, text)
    t.notMatch(hoverText.text, wall)
    t.match(hoverText.docs, /[a-z]/, `${text} has a sentence`)
  }
}
