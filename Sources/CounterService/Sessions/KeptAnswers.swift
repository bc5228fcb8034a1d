import ByteText
import CardCryptography
import Hummingbird

/// What forms were answered with, each under a name that nobody guesses: the browser is sent on to it, so that it can go back, reload and
/// leave without sending the form again.
///
/// They live in memory alone; no page among them shows a password or a PIN. The oldest give way.
struct KeptAnswers: Sendable {
    private struct Kept: Sendable {
        let name: String
        let path: String
        let response: Response
    }

    private var kept: [Kept] = []
    private let most: Int

    /// A shelf for so many answers.
    init(most: Int) { self.most = most }

    /// Keeps the answer to the form of a path; gives its name.
    mutating func keep(_ response: Response, at path: String) throws(CryptographyError) -> String {
        let name = try SecureRandom.bytes(16).hexadecimal
        kept.append(Kept(name: name, path: path, response: response))
        if kept.count > most { kept.removeFirst() }
        return name
    }

    /// The answer of that name to the form of that path; nil when there is none, or none any more.
    func answer(_ name: String, at path: String) -> Response? {
        kept.first { $0.name == name && $0.path == path }?.response
    }
}
