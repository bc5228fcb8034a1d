import ByteText
import Foundation
import Hummingbird

/// At which window of the hall a browser stands, as the last who sat at it has said: it is the desk's and not the operator's, so the browser
/// keeps it, and the next who logs in at it need not say it again.
enum BrowserPlace {
    private static let name = "window-place"
    /// A window's name has at most eight characters of at most four bytes each, written as two digits.
    private static let longest = 64

    /// The cookie that keeps a window's name for a year.
    static func cookie(_ place: String, _ configuration: CounterConfiguration) -> Cookie {
        Cookie(
            name: name, value: Array(place.utf8).hexadecimal, maxAge: 31_536_000, path: "/queue",
            secure: configuration.isReachedByTLS, httpOnly: true, sameSite: .strict)
    }

    /// The window that a browser remembers; nil for one that remembers none, or something that is none.
    static func remembered(by request: Request) -> String? {
        guard let value = request.cookies[name]?.value, !value.isEmpty, value.utf8.count <= longest,
            let bytes = [UInt8](hexadecimal: value)
        else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
