import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The five signatures once more, by JDK classes alone: a second opinion for the
 * TypeScript schemes, written without looking at them. It refuses nothing that the
 * vendors' code would take, so it compares with createScheme({ strict: false }).
 *
 * One JSON object a line in:  { "vendor", "options", "input", "secret" }
 * One JSON object a line out: { "message", "signature" }, or { "error" }.
 * verifiedData (itx-chat) and params (huawei-aicc) come as the JSON text on the wire.
 * "message" is null where the bytes are not UTF-8 text. oracle-csc adds "query".
 */
public final class Reference {
  public static void main(String[] args) throws IOException {
    try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8), 1 << 16);
         Writer out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.US_ASCII), 1 << 16)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        StringBuilder json = new StringBuilder();
        writeJson(json, answer(line), '~');
        out.append(json).append('\n');
      }
    }
  }

  private static Map<String, Object> answer(String line) {
    Map<String, Object> answer = new LinkedHashMap<>();
    try {
      Map<String, Object> asked = map(Json.parse(line));
      Map<String, Object> options = map(asked.get("options"));
      Map<String, Object> input = map(asked.get("input"));
      String secret = text(asked.get("secret"));
      switch (text(asked.get("vendor"))) {
        case "oracle-csc": oracleCsc(options, input, secret, answer); break;
        case "contiple": hmac(contiple(options, input), secret, answer); break;
        case "online-contact": hmac(onlineContact(input), secret, answer); break;
        case "itx-chat": itxChat(input, secret, answer); break;
        case "huawei-aicc": hmac(huaweiAicc(options, input, secret), secret, answer); break;
        default: throw new IllegalArgumentException("unknown vendor");
      }
    } catch (GeneralSecurityException | RuntimeException error) {
      answer.clear();
      answer.put("error", String.valueOf(error.getMessage()));
    }
    return answer;
  }

  /** The length in UTF-16 units is taken for the number of bytes, and leading zeros of the digest get lost in an integer. */
  private static void oracleCsc(Map<String, Object> options, Map<String, Object> input, String secret, Map<String, Object> answer)
      throws GeneralSecurityException {
    String username = text(input.get("username"));
    String callerId = text(input.get("callerId"));
    String callId = input.get("callId") == null ? "" : text(input.get("callId"));
    String joined = username + callId + callerId + secret;
    byte[] bytes = joined.getBytes(StandardCharsets.UTF_8);
    byte[] hashed = "utf8".equals(options.get("byteLength")) ? bytes : Arrays.copyOf(bytes, joined.length());
    MessageDigest digest = MessageDigest.getInstance("sha256".equals(options.get("algorithm")) ? "SHA-256" : "SHA-1");
    String hash = new BigInteger(1, digest.digest(hashed)).toString(16);
    answer.put("message", utf8(hashed));
    answer.put("signature", hash);
    answer.put("query", "clickToCallInit=true&username=" + URLEncoder.encode(username, StandardCharsets.UTF_8)
        + "&hash=" + hash + "&UserTelephoneNumber=" + URLEncoder.encode(callerId, StandardCharsets.UTF_8));
  }

  private static String contiple(Map<String, Object> options, Map<String, Object> input) {
    String uri = "uri+body".equals(options.get("signedContent")) ? text(input.get("uri")) : "";
    return uri + text(input.get("body")) + text(input.get("timestamp"));
  }

  private static String onlineContact(Map<String, Object> input) {
    List<String> values = new ArrayList<>(List.of(text(input.get("service")), text(input.get("usercode"))));
    for (String name : List.of("username", "email", "phone", "memberno", "returnUrl")) {
      Object value = input.get(name);
      if (value != null && !isBlank(text(value))) values.add(text(value));
    }
    values.add(text(input.get("time")));
    return String.join("&", values);
  }

  private static boolean isBlank(String text) {
    return text.chars().allMatch(Character::isWhitespace);
  }

  private static void itxChat(Map<String, Object> input, String secret, Map<String, Object> answer) throws GeneralSecurityException {
    List<String> entries = new ArrayList<>(List.of(secret));
    Object verified = input.get("verifiedData");
    if (verified != null) {
      map(Json.parse(text(verified))).forEach((key, value) -> entries.add(key + ":" + itxValue(value)));
    }
    for (String name : List.of("name", "tag", "email", "phoneNumber", "extSystemTag", "extSystemId", "extSystemLookupCode")) {
      Object value = input.get(name);
      if (value != null && !text(value).isEmpty()) entries.add(text(value));
    }
    Collections.sort(entries);
    String message = String.join("-", entries);
    byte[] digest = MessageDigest.getInstance("SHA-1").digest(message.getBytes(StandardCharsets.UTF_8));
    answer.put("message", message);
    answer.put("signature", HexFormat.of().formatHex(digest));
  }

  private static String itxValue(Object value) {
    if (value instanceof String) return (String) value;
    StringBuilder json = new StringBuilder();
    writeJson(json, value, Character.MAX_VALUE);
    return json.toString();
  }

  /** Nested maps and lists print as Java prints them; the spaces in that go with all others. */
  private static String huaweiAicc(Map<String, Object> options, Map<String, Object> input, String secret) {
    boolean typed = "java".equals(options.get("numbers"));
    TreeMap<String, Object> sorted = new TreeMap<>(map(Json.parse(text(input.get("params")))));
    sorted.keySet().removeAll(List.of("timestamp", "nonce", "signature"));
    List<String> pairs = new ArrayList<>();
    sorted.forEach((name, value) -> pairs.add(name + "=" + (typed ? typed(value) : value)));
    String params = String.join(",", pairs).replace(" ", "");
    return secret + "_" + text(input.get("timestamp")) + "_" + text(input.get("nonce")) + "_" + params;
  }

  private static Object typed(Object value) {
    if (value instanceof Json.Numeral) {
      String text = value.toString();
      try {
        return Long.valueOf(text);
      } catch (NumberFormatException notAnInteger) {
        return Double.valueOf(text);
      }
    }
    if (value instanceof List<?> items) {
      List<Object> out = new ArrayList<>();
      for (Object item : items) out.add(typed(item));
      return out;
    }
    if (value instanceof Map<?, ?> fields) {
      Map<Object, Object> out = new LinkedHashMap<>();
      fields.forEach((name, field) -> out.put(name, typed(field)));
      return out;
    }
    return value;
  }

  private static void hmac(String message, String secret, Map<String, Object> answer) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    answer.put("message", message);
    answer.put("signature", Base64.getEncoder().encodeToString(mac.doFinal(message.getBytes(StandardCharsets.UTF_8))));
  }

  /** Compact JSON. The two line separators are always escaped, and so is what lies beyond the last plain character. */
  private static void writeJson(StringBuilder out, Object value, char lastPlain) {
    if (value instanceof String) {
      writeString(out, (String) value, lastPlain);
    } else if (value instanceof List<?> items) {
      char before = '[';
      for (Object item : items) {
        out.append(before);
        writeJson(out, item, lastPlain);
        before = ',';
      }
      out.append(items.isEmpty() ? "[]" : "]");
    } else if (value instanceof Map<?, ?> fields) {
      char before = '{';
      for (Map.Entry<?, ?> field : fields.entrySet()) {
        out.append(before);
        writeString(out, (String) field.getKey(), lastPlain);
        out.append(':');
        writeJson(out, field.getValue(), lastPlain);
        before = ',';
      }
      out.append(fields.isEmpty() ? "{}" : "}");
    } else {
      out.append(value);
    }
  }

  private static void writeString(StringBuilder out, String text, char lastPlain) {
    out.append('"');
    for (char c : text.toCharArray()) {
      int named = "\"\\\b\f\n\r\t".indexOf(c);
      if (named >= 0) out.append('\\').append("\"\\bfnrt".charAt(named));
      else if (c < 0x20 || c == 0x2028 || c == 0x2029 || c > lastPlain) out.append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
      else out.append(c);
    }
    out.append('"');
  }

  /** The text, or null when a character is cut in two. */
  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException cut) {
      return null;
    }
  }

  /** Text as it is, a number as it was written. */
  private static String text(Object value) {
    if (value instanceof String || value instanceof Json.Numeral) return value.toString();
    throw new IllegalArgumentException("expected text or a number, got " + value);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    if (value instanceof Map) return (Map<String, Object>) value;
    throw new IllegalArgumentException("expected an object, got " + value);
  }
}
