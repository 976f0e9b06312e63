import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'

const minimumLength = 10
/** The longest password that sign-in accepts. */
const maximumLength = 200

export class PasswordRefused extends Error {}

/**
 * Prompts for a password without echo, or reads the first line of standard input. An argument would
 * be visible in the process list.
 * @throws {PasswordRefused} if it is too short or too long
 */
export async function readPassword (): Promise<string> {
  const { stdin } = process
  if (stdin.isTTY) process.stderr.write('Password: ')
  const terminal = createInterface({
    input: stdin,
    // Discards the echo of typed text.
    output: new Writable({ write: (_chunk, _encoding, done) => done() }),
    terminal: stdin.isTTY === true
  })
  const password = await new Promise<string>(resolve => {
    terminal.once('line', resolve)
    terminal.once('close', () => resolve(''))
  })
  terminal.close()
  if (stdin.isTTY) process.stderr.write('\n')
  if (password.length < minimumLength || password.length > maximumLength) {
    throw new PasswordRefused(
      `The password must have ${minimumLength} to ${maximumLength} characters`
    )
  }
  return password
}
