import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { globSync } from 'tinyglobby'
import ts from 'typescript'
import { comparisonPlaces, Probe } from './probe.ts'

const root = resolve(import.meta.dirname, '../..')

/**
 * The code under test and the targets, compiled together so that the targets import the
 * instrumented copies.
 */
const sources = [
  'plugins/**/*.ts',
  'cli/*.ts',
  'qa/fuzz/targets/*.ts',
  'qa/strangers/structured-fields.ts'
]

/** Loaded instrumented code. */
export interface Instrumented {
  readonly probe: Probe
  /** The file of each place in the code. Excludes places for the nearness of comparisons. */
  readonly places: ReadonlyMap<number, string>
  /** Imports a source file's instrumented copy. */
  load(path: string): Promise<unknown>
  /** Removes the copies. */
  remove(): void
}

/** Compiles an instrumented copy of the sources, or of the given texts. */
export function instrument (texts = sourceTexts()): Instrumented {
  mkdirSync(join(root, '.fuzz-code'), { recursive: true })
  const folder = mkdtempSync(join(root, '.fuzz-code/'))
  const probe = new Probe()
  const places = new Map<number, string>()
  const name = `__probe${Date.now()}`
  Object.assign(globalThis, { [name]: probe })
  let next = 0
  for (const [path, text] of Object.entries(texts)) {
    const reservePlaces = (count: number, isCode = true): number => {
      if (isCode) Array.from({ length: count }, (_, index) => places.set(next + index, path))
      return (next += count) - count
    }
    const target = join(folder, path.replace(/\.ts$/, '.js'))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, `const __probe = globalThis.${name}\n${compile(text, reservePlaces)}`)
  }
  if (next > 0xffff) throw new Error('there are more places than the probe has room for')
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return {
    probe,
    places,
    load: async path =>
      await import(pathToFileURL(join(folder, path.replace(/\.ts$/, '.js'))).href) as unknown,
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

function sourceTexts (): Record<string, string> {
  return Object.fromEntries(
    globSync(sources, { cwd: root }).map(path => [path, readFileSync(join(root, path), 'utf8')])
  )
}

function compile (
  text: string,
  reservePlaces: (count: number, isCode?: boolean) => number
): string {
  return ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true
    },
    transformers: { before: [createTransformer(reservePlaces)] }
  }).outputText
}

const comparisons = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken
])
const choices = new Set([ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken])

function createTransformer (
  reservePlaces: (count: number, isCode?: boolean) => number
): ts.TransformerFactory<ts.SourceFile> {
  return (context) => {
    const f = context.factory
    const call = (method: string, ...args: ts.Expression[]): ts.Expression =>
      f.createCallExpression(
        f.createPropertyAccessExpression(f.createIdentifier('__probe'), method),
        undefined,
        args
      )
    const countHit = (): ts.Expression => call('hit', f.createNumericLiteral(reservePlaces(1)))
    const statement = (): ts.Statement => f.createExpressionStatement(countHit())
    const countTest = (condition: ts.Expression): ts.Expression =>
      call('test', f.createNumericLiteral(reservePlaces(2)), condition)
    const block = (body: ts.Block): ts.Block =>
      f.updateBlock(body, [statement(), ...body.statements])

    const countComparison = (node: ts.BinaryExpression): ts.Expression => {
      const comparison = call(
        'same',
        f.createNumericLiteral(reservePlaces(comparisonPlaces, false)),
        node.left,
        node.right
      )
      return node.operatorToken.kind === ts.SyntaxKind.EqualsEqualsEqualsToken
        ? comparison
        : f.createLogicalNot(comparison)
    }

    const change = (node: ts.Node): ts.Node => {
      if (ts.isIfStatement(node)) {
        return f.updateIfStatement(
          node,
          countTest(node.expression),
          node.thenStatement,
          node.elseStatement
        )
      }
      if (ts.isConditionalExpression(node)) {
        return f.updateConditionalExpression(
          node,
          countTest(node.condition),
          node.questionToken,
          node.whenTrue,
          node.colonToken,
          node.whenFalse
        )
      }
      if (ts.isWhileStatement(node)) {
        return f.updateWhileStatement(node, countTest(node.expression), node.statement)
      }
      if (ts.isDoStatement(node)) {
        return f.updateDoStatement(node, node.statement, countTest(node.expression))
      }
      if (ts.isForStatement(node) && node.condition !== undefined) {
        return f.updateForStatement(
          node,
          node.initializer,
          countTest(node.condition),
          node.incrementor,
          node.statement
        )
      }
      if (ts.isCaseOrDefaultClause(node)) {
        return ts.isCaseClause(node)
          ? f.updateCaseClause(node, node.expression, [statement(), ...node.statements])
          : f.updateDefaultClause(node, [statement(), ...node.statements])
      }
      if (ts.isCatchClause(node)) {
        return f.updateCatchClause(node, node.variableDeclaration, block(node.block))
      }
      if (ts.isFunctionDeclaration(node) && node.body !== undefined) {
        return f.updateFunctionDeclaration(
          node,
          node.modifiers,
          node.asteriskToken,
          node.name,
          node.typeParameters,
          node.parameters,
          node.type,
          block(node.body)
        )
      }
      if (ts.isMethodDeclaration(node) && node.body !== undefined) {
        return f.updateMethodDeclaration(
          node,
          node.modifiers,
          node.asteriskToken,
          node.name,
          node.questionToken,
          node.typeParameters,
          node.parameters,
          node.type,
          block(node.body)
        )
      }
      if (ts.isArrowFunction(node) && ts.isExpression(node.body)) {
        const body = f.createParenthesizedExpression(
          f.createCommaListExpression([countHit(), node.body])
        )
        return f.updateArrowFunction(
          node,
          node.modifiers,
          node.typeParameters,
          node.parameters,
          node.type,
          node.equalsGreaterThanToken,
          body
        )
      }
      if (ts.isBinaryExpression(node) && choices.has(node.operatorToken.kind)) {
        return f.updateBinaryExpression(node, countTest(node.left), node.operatorToken, node.right)
      }
      return ts.isBinaryExpression(node) && comparisons.has(node.operatorToken.kind)
        ? countComparison(node)
        : node
    }
    const visit = (node: ts.Node): ts.Node =>
      ts.isTypeNode(node) ? node : change(ts.visitEachChild(node, visit, context))
    return file => ts.visitEachChild(file, visit, context)
  }
}
