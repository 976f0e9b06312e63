/** argon2id with the library's parameters: 19 MiB, two passes. Loaded at the first sign-in. */
const loadArgon2 = async () => await import('@node-rs/argon2')

export async function hashPassword (password: string): Promise<string> {
  return await (await loadArgon2()).hash(password)
}

let dummyHash: Promise<string> | undefined

/**
 * Verifies a password. Takes equally long without a hash, so that unknown users are not revealed.
 */
export async function isPassword (
  passwordHash: string | undefined,
  password: string
): Promise<boolean> {
  const { verify } = await loadArgon2()
  // The first attempt waits for this hash, whether or not the user exists.
  dummyHash ??= hashPassword('nobody has this password').catch((error: unknown) => {
    dummyHash = undefined
    throw error
  })
  const dummy = await dummyHash
  const matches = await verify(passwordHash ?? dummy, password)
  return matches && passwordHash !== undefined
}
