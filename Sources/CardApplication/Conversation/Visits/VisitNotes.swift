import ByteText

/// What stands in the file of a ``VisitRecord``, and its text.
struct VisitNotes: Hashable {
    private static let format = "SSCV1"

    /// The tries left, by the counter's name; of full counters nothing is noted.
    var tries: [String: Int] = [:]
    /// The counters that the card itself has told; of all others what is noted was counted here, from full.
    var told: Set<String> = []
    /// The digest of the last challenge that a key was presented with.
    var lastChallenge: [UInt8]?
    /// With what the card was last authenticated.
    var terms: AuthenticationTerms?
    /// The last tries that two officers let be spent: their numbers and the counter's name.
    var permissions: [String] = []
    /// The first contacts that an officer answered for: their number and the counter's name.
    var acceptances: [String] = []
    /// Whether a load of the keys of this security module was begun here.
    var isModuleLoadBegun = false

    /// Nothing.
    init() {}

    /// Reads what ``text`` wrote, where no text at all notes nothing; nil for what makes no sense.
    init?(_ text: String) {
        let lines = text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" })
        guard let first = lines.first else { return }
        guard first == Self.format else { return nil }
        for line in lines.dropFirst() {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard words.count == 2 else { continue }
            switch words[0] {
            case "challenge": lastChallenge = [UInt8](hexadecimal: words[1])
            case "terms": terms = AuthenticationTerms(words[1])
            case "permission": permissions.append(words[1])
            case "first-contact": acceptances.append(words[1])
            case "module-load": isModuleLoadBegun = words[1] == "begun"
            case "told": told.insert(words[1])
            case "tries":
                let parts = words[1].split(separator: " ")
                guard parts.count == 2, let count = Int(parts[1]), (0...255).contains(count) else { return nil }
                tries[String(parts[0])] = count
            default: break
            }
        }
    }

    /// One note a line, behind the format's name.
    var text: String {
        var lines = [Self.format]
        if let lastChallenge { lines.append("challenge \(lastChallenge.hexadecimal)") }
        if let terms { lines.append("terms \(terms.text)") }
        lines += tries.sorted { $0.key < $1.key }.map { "tries \($0.key) \($0.value)" }
        lines += told.sorted().map { "told \($0)" }
        lines += permissions.map { "permission \($0)" }
        lines += acceptances.map { "first-contact \($0)" }
        if isModuleLoadBegun { lines.append("module-load begun") }
        return lines.joined(separator: "\n") + "\n"
    }
}
