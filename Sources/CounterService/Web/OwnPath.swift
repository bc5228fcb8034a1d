import Foundation
import HTTPTypes
import Hummingbird

/// Addresses within this service, where browsers are sent on to what a request names: never to another site.
enum OwnPath {
    /// Where nobody wants to come back to: what is no page, and the way in and out.
    private static let elsewhere: Set<String> = ["", "login", "logout", "language", "static", "api", "live"]
    private static let longest = 300

    /// The text, if it is a path of ours: "//host" would be another's, and browsers read "/\host" and "/<tab>/host" like it.
    static func checked(_ text: String) -> String? {
        guard text.hasPrefix("/"), !text.hasPrefix("//"), text.utf8.count <= longest,
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x5C })
        else { return nil }
        return text
    }

    /// The page to come back to after a login; nil for none worth it.
    ///
    /// What a form was answered with is gone with its session.
    static func wanted(_ text: String) -> String? {
        guard let path = checked(text) else { return nil }
        let first = path.dropFirst().prefix { !"/?#".contains($0) }
        guard !elsewhere.contains(String(first)) else { return nil }
        return path.contains("?\(AnswerShelf.parameter)=") ? String(path.prefix { $0 != "?" }) : path
    }

    /// The address of the login that leads back to this page.
    ///
    /// - Parameter isKept: whether what was typed comes back there.
    static func login(backTo text: String, hasEnded: Bool = false, isKept: Bool = false) -> String {
        var parts = (hasEnded ? ["ended=1"] : []) + (isKept ? ["kept=1"] : [])
        let plain = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./")
        if let path = wanted(text)?.addingPercentEncoding(withAllowedCharacters: plain) { parts.append("to=\(path)") }
        return "/login" + (parts.isEmpty ? "" : "?" + parts.joined(separator: "&"))
    }

    /// The page of ours from which a request comes; empty for none.
    static func origin(of request: Request) -> String {
        guard let name = HTTPField.Name("Referer"), let text = request.headers[name],
            let address = URLComponents(string: text), let authority = request.head.authority,
            let scheme = address.scheme, text.hasPrefix("\(scheme)://\(authority)/")
        else { return "" }
        return address.percentEncodedPath + (address.percentEncodedQuery.map { "?" + $0 } ?? "")
    }
}
