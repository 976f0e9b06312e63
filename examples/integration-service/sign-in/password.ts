/**
 * argon2id with the library's parameters: 19 MiB, two passes. Loaded when first somebody signs in.
 */
const argon2 = async () => await import('@node-rs/argon2')

export async function hashPassword (password: string): Promise<string> {
  return await (await argon2()).hash(password)
}

let nobody: Promise<string> | undefined

/**
 * Whether the password is the one hashed. Works as long where there is no hash, because there is no
 * such user.
 */
export async function isPassword (
  passwordHash: string | undefined,
  password: string
): Promise<boolean> {
  const { verify } = await argon2()
  // Whoever comes first waits for it, known or not.
  nobody ??= hashPassword('nobody has this password').catch((error: unknown) => {
    nobody = undefined
    throw error
  })
  const never = await nobody
  const matches = await verify(passwordHash ?? never, password)
  return matches && passwordHash !== undefined
}
