import { OptionInvalid } from '../errors.ts'
import { longestDelay, withTimeout } from '../wire/timeout.ts'

/** ioredis, its `Cluster` too: any command by name. */
interface CallClient {
  call(command: string, ...args: string[]): Promise<unknown>
}
/** node-redis, also a pool: any command as a list. */
interface SendCommandClient {
  sendCommand(args: string[]): Promise<unknown>
}
/** node-redis for a cluster, which finds the server by the key. */
interface ClusterClient {
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: string[]
  ): Promise<unknown>
  getSlotMaster(slot: number): unknown
}
/** node-redis for Redis Sentinel. */
interface SentinelClient {
  sendCommand(isReadonly: boolean | undefined, args: string[]): Promise<unknown>
  getMasterNode(): unknown
}

/** A connected client of ioredis or node-redis, also of a cluster. */
export type RedisClient = CallClient | SendCommandClient | ClusterClient | SentinelClient

/** Sends one command about one key. */
export type Send = (key: string, command: readonly string[]) => Promise<unknown>

/** A client, and the time limit of its commands. */
export interface RedisOptions {
  /** A connected client of ioredis or node-redis, also of a cluster. It stays yours to close. */
  client: RedisClient
  /**
   * Time-out of a command in milliseconds: clients queue commands while disconnected. Default 1000.
   */
  timeoutMs?: number
}

/**
 * Makes the function that sends commands to any of the clients, and the one that limits their time.
 * @throws {OptionInvalid} on an invalid client or time-out
 */
export function redisCommands ({ client, timeoutMs = 1000 }: RedisOptions) {
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs <= 0 || timeoutMs > longestDelay) {
    throw new OptionInvalid(
      'redisStore',
      `option "timeoutMs" must be a positive integer up to ${longestDelay}`
    )
  }
  return {
    send: createSender(client),
    limitTime: <T>(work: () => Promise<T>) => withTimeout(work, timeoutMs, 'Redis did not answer')
  }
}

/** Tells clients apart by their own methods, because `sendCommand` has three signatures. */
function createSender (client: RedisClient): Send {
  if (hasMethods<CallClient>(client, 'call')) {
    return (_key, [name = '', ...args]) => client.call(name, ...args)
  }
  if (hasMethods<ClusterClient>(client, 'sendCommand', 'getSlotMaster')) {
    return (key, command) => client.sendCommand(key, false, [...command])
  }
  if (hasMethods<SentinelClient>(client, 'sendCommand', 'getMasterNode')) {
    return (_key, command) => client.sendCommand(false, [...command])
  }
  if (hasMethods<SendCommandClient>(client, 'sendCommand')) {
    return (_key, command) => client.sendCommand([...command])
  }
  throw new OptionInvalid(
    'redisStore',
    'option "client" must be a connected client of ioredis or node-redis; ' +
      'this has neither call nor sendCommand'
  )
}

function hasMethods<Client> (client: unknown, ...names: Array<keyof Client>): client is Client {
  return typeof client === 'object' && client !== null &&
    names.every(name => typeof (client as Client)[name] === 'function')
}
