// Mutants that are skipped, because users cannot rely on the behaviour in them.

const classes = ['TypeError', 'RangeError', 'Error']

/**
 * Error messages for developers and operators. Tests cover that they are thrown, and their class.
 */
export const messages = {
  shouldIgnore ({ node, parentPath }) {
    const isText = node.type === 'StringLiteral' || node.type === 'TemplateLiteral'
    const holder = parentPath?.node
    if (isText && holder?.type === 'NewExpression' && classes.includes(holder.callee.name)) {
      return 'the text of an error for developers or logs'
    }
  }
}
