import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads JSON without loss: numbers stay the text they were, maps keep the order of
 * the source, and a repeated name keeps its first place and takes its last value.
 */
final class Json {
  /** A number as it was written. */
  record Numeral(String text) {
    @Override public String toString() {
      return text;
    }
  }

  private final String text;
  private int at = 0;

  private Json(String text) {
    this.text = text;
  }

  static Object parse(String text) {
    Json reader = new Json(text);
    Object value = reader.value();
    reader.blanks();
    if (reader.at != text.length()) throw reader.unexpected();
    return value;
  }

  private Object value() {
    blanks();
    char first = peek();
    if (first == '{') return object();
    if (first == '[') return array();
    if (first == '"') return string();
    if (first == '-' || isDigit(first)) return number();
    if (takes("true")) return Boolean.TRUE;
    if (takes("false")) return Boolean.FALSE;
    if (takes("null")) return null;
    throw unexpected();
  }

  private Map<String, Object> object() {
    Map<String, Object> fields = new LinkedHashMap<>();
    expect('{');
    blanks();
    if (takes("}")) return fields;
    while (true) {
      blanks();
      String name = string();
      blanks();
      expect(':');
      fields.put(name, value());
      blanks();
      if (takes("}")) return fields;
      expect(',');
    }
  }

  private List<Object> array() {
    List<Object> items = new ArrayList<>();
    expect('[');
    blanks();
    if (takes("]")) return items;
    while (true) {
      items.add(value());
      blanks();
      if (takes("]")) return items;
      expect(',');
    }
  }

  private String string() {
    expect('"');
    StringBuilder out = new StringBuilder();
    while (true) {
      char c = next();
      if (c == '"') return out.toString();
      if (c < 0x20) throw unexpected();
      out.append(c == '\\' ? escaped() : c);
    }
  }

  private char escaped() {
    char c = next();
    switch (c) {
      case '"': case '\\': case '/': return c;
      case 'b': return '\b';
      case 'f': return '\f';
      case 'n': return '\n';
      case 'r': return '\r';
      case 't': return '\t';
      case 'u': {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
          int digit = Character.digit(next(), 16);
          if (digit < 0) throw unexpected();
          unit = unit * 16 + digit;
        }
        return (char) unit;
      }
      default: throw unexpected();
    }
  }

  private Numeral number() {
    int start = at;
    takes("-");
    if (!takes("0")) digits();
    if (takes(".")) digits();
    if (takes("e") || takes("E")) {
      if (!takes("+")) takes("-");
      digits();
    }
    return new Numeral(text.substring(start, at));
  }

  private void digits() {
    if (!isDigit(peek())) throw unexpected();
    while (isDigit(peek())) at++;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private void blanks() {
    while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) at++;
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private char next() {
    if (at == text.length()) throw unexpected();
    return text.charAt(at++);
  }

  private boolean takes(String word) {
    if (!text.startsWith(word, at)) return false;
    at += word.length();
    return true;
  }

  private void expect(char c) {
    if (next() != c) throw unexpected();
  }

  private IllegalArgumentException unexpected() {
    return new IllegalArgumentException("not JSON, at " + at);
  }
}
