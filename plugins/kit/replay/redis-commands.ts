import { withTimeout } from '../wire/timeout.ts'

/** ioredis: any command by name. */
interface CallClient {
  call(command: string, ...args: string[]): Promise<unknown>
}
/** node-redis: any command as a list. */
interface SendCommandClient {
  sendCommand(args: string[]): Promise<unknown>
}

export interface RedisOptions {
  /** A connected ioredis or node-redis client. It stays yours to close. */
  client: CallClient | SendCommandClient
  /**
   * Milliseconds after which an unanswered command counts as failed: clients queue commands while
   * disconnected. Default 1000.
   */
  timeoutMs?: number
}

/** Commands to either client; and any work with them that must end in time. */
export function redisCommands ({ client, timeoutMs = 1000 }: RedisOptions) {
  const send = 'call' in client
    ? (command: string, ...args: string[]) => client.call(command, ...args)
    : (...command: string[]) => client.sendCommand(command)
  return {
    send,
    inTime: <T>(work: () => Promise<T>) => withTimeout(work, timeoutMs, 'Redis did not answer')
  }
}
