public import CardCryptography
public import CardData
import Glibc

/// Reads one line at the terminal without showing it, into memory that wipes itself.
///
/// Backspace and Ctrl-U work; Ctrl-C and Ctrl-D give up, and the terminal is as it was before.
public enum SilentEntry {
    /// The line without its end; at most `limit` bytes.
    ///
    /// Throws `secret.no-terminal`, and `secret.given-up`.
    public static func read(_ prompt: String, limit: Int) throws(Faults) -> SecretBytes {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { throw Faults("secret.no-terminal") }
        defer { close(terminal) }
        var settings = termios()
        guard tcgetattr(terminal, &settings) == 0 else { throw Faults("secret.no-terminal") }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        tcsetattr(terminal, TCSAFLUSH, &silent)
        defer {
            tcsetattr(terminal, TCSAFLUSH, &settings)
            _ = Glibc.write(terminal, "\n", 1)
        }
        _ = prompt.withCString { Glibc.write(terminal, $0, strlen($0)) }
        var count = 0
        var isGivenUp = false
        let buffer = SecretBytes.filling(count: limit) { span in
            span.withUnsafeMutableBufferPointer { buffer in
                isGivenUp = !take(terminal, into: buffer, &count)
            }
        }
        guard !isGivenUp else { throw Faults("secret.given-up") }
        return buffer.withSpan { SecretBytes(copying: $0.extracting(0..<count)) }
    }

    /// False when the user gave up.
    private static func take(
        _ terminal: Int32, into buffer: UnsafeMutableBufferPointer<UInt8>, _ count: inout Int
    ) -> Bool {
        while true {
            var byte: UInt8 = 0
            guard Glibc.read(terminal, &byte, 1) == 1 else { return false }
            switch byte {
            case 0x0A, 0x0D: return true
            case 0x03: return false
            case 0x04 where count == 0: return false
            case 0x15: count = 0
            case 0x08, 0x7F:
                // a character of several bytes goes as a whole
                while count > 0, buffer[count - 1] & 0xC0 == 0x80 { count -= 1 }
                if count > 0 { count -= 1 }
            case ..<0x20: continue
            default:
                guard count < buffer.count else { continue }
                buffer[count] = byte
                count += 1
            }
        }
    }
}
