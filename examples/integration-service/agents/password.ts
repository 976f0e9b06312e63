import { hash, verify } from '@node-rs/argon2'

/** argon2id with the library's parameters: 19 MiB, two passes. */
export async function hashPassword (password: string): Promise<string> {
  return await hash(password)
}

const nobody = hash('nobody has this password')

/** Whether the password is the one hashed. Works as long where there is no hash, because there is no such user. */
export async function isPassword (passwordHash: string | undefined, password: string): Promise<boolean> {
  const matches = await verify(passwordHash ?? await nobody, password)
  return matches && passwordHash !== undefined
}
