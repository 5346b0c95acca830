/**
 * A text from outside (a name, a source, an error) as it may be shown on a terminal: control characters, line ends and
 * characters that change the direction of writing are escaped, all else stays.
 */
export function plainText(text: string): string {
  return text.replaceAll(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

// oxlint-disable-next-line no-control-regex -- they are what must not reach the terminal
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
