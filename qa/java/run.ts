import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** One question to the Java reference, in the format of the vectors files. */
export interface Question {
  vendor: string
  options?: object
  input: object
  secret: string
}

export interface Answer<Asked extends Question = Question> {
  question: Asked
  /** Null if the signed bytes are not UTF-8 text. */
  message: string | null
  signature: string
  /** oracle-csc: the query of the signed URL. */
  query?: string
}

/** Why the reference cannot run on this machine, or undefined. */
export function whyNoJava (): string | undefined {
  const missing = ['java', 'javac'].filter(command =>
    spawnSync(command, ['-version'], { stdio: 'ignore' }).status !== 0
  )
  return missing.length === 0 ? undefined : `no ${missing.join(' and ')} on PATH`
}

/**
 * Sends all questions to the Java reference in one process. Yields the answers in order, while
 * later questions are still being sent.
 * @throws if the reference rejects a question, naming it
 */
export async function* askReference<Asked extends Question> (
  questions: Iterable<Asked>
): AsyncGenerator<Answer<Asked>> {
  const java = spawn('java', ['-XX:+UseSerialGC', '-cp', compileReference(), 'Reference'], {
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const open: Asked[] = []
  const sending = pipeline(Readable.from(lines(questions, open)), java.stdin)
  const exit = once(java, 'close')
  // Both are awaited below, after the answers.
  sending.catch(() => {})
  exit.catch(() => {})
  yield* answers(java.stdout.setEncoding('latin1'), open)
  await sending
  const [code] = await exit as [number | null]
  if (code !== 0 || open.length > 0) {
    throw new Error(`the reference ended with ${code}, ${open.length} answers short`)
  }
}

let classes: string | undefined

/** The folder with the compiled reference, removed when this process exits. */
function compileReference (): string {
  if (classes !== undefined) return classes
  const folder = mkdtempSync(join(tmpdir(), 'reference-'))
  process.on('exit', () => rmSync(folder, { recursive: true }))
  execFileSync('javac', ['-d', folder, 'Json.java', 'Reference.java'], { cwd: import.meta.dirname })
  classes = folder
  return folder
}

/**
 * Splits lines by hand: readline takes longer over hundreds of thousands of lines than Java takes
 * to answer.
 */
async function* answers<Asked extends Question> (
  output: AsyncIterable<string>,
  open: Asked[]
): AsyncGenerator<Answer<Asked>> {
  let incomplete = ''
  for await (const chunk of output) {
    const texts = (incomplete + chunk).split('\n')
    incomplete = texts.pop() ?? ''
    const questions = open.splice(0, texts.length)
    for (const [i, question] of questions.entries()) {
      const answer = JSON.parse(texts[i] ?? '') as Omit<Answer, 'question'> | { error: string }
      if ('error' in answer) {
        throw new Error(`the reference refused ${JSON.stringify(question)}: ${answer.error}`)
      }
      yield { question, ...answer }
    }
  }
}

/** Serializes the questions in batches of some hundreds, and records each as pending. */
function* lines<Asked extends Question> (
  questions: Iterable<Asked>,
  open: Asked[]
): Generator<string> {
  let chunk = ''
  for (const question of questions) {
    open.push(question)
    chunk += serializeQuestion(question) + '\n'
    if (chunk.length < 65_536) continue
    yield chunk
    chunk = ''
  }
  yield chunk
}

/** Sends JSON values as their wire text. */
function serializeQuestion ({ vendor, options = {}, input, secret }: Question): string {
  const parts = Object.entries(input).map(([name, value]) => {
    if (typeof value === 'bigint') return [name, String(value)]
    return [name, typeof value === 'object' && value !== null ? JSON.stringify(value) : value]
  })
  return JSON.stringify({ vendor, options, input: Object.fromEntries(parts), secret })
}
