/** argon2id with the library's parameters: 19 MiB, two passes. Loaded at the first sign-in. */
const argon2 = async () => await import('@node-rs/argon2')

export async function hashPassword (password: string): Promise<string> {
  return await (await argon2()).hash(password)
}

let nobody: Promise<string> | undefined

/**
 * Verifies a password. Takes equally long without a hash, so that unknown users are not revealed.
 */
export async function isPassword (
  passwordHash: string | undefined,
  password: string
): Promise<boolean> {
  const { verify } = await argon2()
  // The first attempt waits for this hash, whether or not the user exists.
  nobody ??= hashPassword('nobody has this password').catch((error: unknown) => {
    nobody = undefined
    throw error
  })
  const never = await nobody
  const matches = await verify(passwordHash ?? never, password)
  return matches && passwordHash !== undefined
}
