// Mutants that are not made, because no behaviour that anybody may rely on is in them.

const classes = ['TypeError', 'RangeError', 'Error']

/**
 * The texts of errors that only a developer or an operator reads. That they are thrown, and what
 * class they are of, is tested.
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
