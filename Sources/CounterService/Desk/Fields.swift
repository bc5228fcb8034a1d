import ByteText
import CardCryptography
import CardData
import Foundation
import Hummingbird
import Lifecycle

/// What a form or a program sent: names and texts, each name once.
struct Fields: Sendable {
    let values: [String: String]
    /// The second person of the form.
    let confirmation: Confirmation
    /// Where the form was filled in.
    let place: LoginPlace

    init(
        values: [String: String], confirmation: Confirmation = Confirmation(), place: LoginPlace = .untold
    ) {
        self.values = values
        self.confirmation = confirmation
        self.place = place
    }

    /// The same form, of whom it is known where they sit.
    func filled(at place: LoginPlace) -> Fields { Fields(values: values, confirmation: confirmation, place: place) }

    /// The same form with other values in it.
    func saying(_ values: [String: String]) -> Fields {
        Fields(values: values, confirmation: confirmation, place: place)
    }

    /// What was sent; throws `code` where it holds U+0000, at which stores and other programs end a text.
    init(sent values: [String: String], _ code: FaultCode) throws(Faults) {
        guard values.allSatisfy({ !$0.key.utf8.contains(0) && !$0.value.utf8.contains(0) }) else {
            throw Faults(code)
        }
        self.init(values: values)
    }

    /// A text without spaces around it; empty when the name is not there.
    subscript(name: String) -> String { secret(name).trimmingCharacters(in: .whitespacesAndNewlines) }

    /// A number as people type it or paste it: without blanks in it, wide characters (全角) as plain ones, letters large.
    func number(_ name: String) -> String {
        let scalars = self[name].unicodeScalars.compactMap { scalar -> Unicode.Scalar? in
            switch scalar.value {
            case 0x20, 0xA0, 0x3000, 0x09: nil
            case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0)
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars)).uppercased()
    }

    /// A text as it was typed.
    func secret(_ name: String) -> String { values[name] ?? "" }

    /// Whether a box was ticked.
    func isOn(_ name: String) -> Bool { ["on", "true"].contains(self[name]) }

    /// The ticked proofs, without that the card was read: nobody ticks that, the reader tells it.
    var proofs: Proofs {
        Proofs(Proofs.named.filter { isOn("proof-\($0.name)") }.map(\.proof)).subtracting(.cardRead)
    }

    /// What the second person typed, and nothing else.
    var secondPerson: Fields {
        Fields(
            values: values.filter { ["second-number", "second-password"].contains($0.key) },
            confirmation: confirmation, place: place)
    }

    /// What the form says, without passwords and its own marks: the same for the same wish in this process.
    ///
    /// PINs belong to the wish; the hash is keyed, so that it tells nothing of them.
    var fingerprint: [UInt8] {
        get throws(CryptographyError) {
            let told = values.filter { !Self.untold.contains($0.key) }
            let key = try Self.fingerprintKey.get()
            return try HashFunction.sha256.hmac(key: key.span, Array(Self.text(of: told).utf8))
        }
    }

    /// What the form says, without passwords, its own marks and PINs: for what is kept on the disk.
    var lastingText: String {
        let told = values.filter { !Self.untold.contains($0.key) && !Self.secrets.contains($0.key) }
        return Self.text(of: told)
    }

    /// What somebody typed for themselves: without secrets, marks and the second person, and without whatever they said that they had seen,
    /// compared or chosen, which is seen, compared and chosen again.
    var typed: [String: String] {
        values.filter { name, _ in
            !Self.untold.contains(name) && !Self.secrets.contains(name) && !Self.attested.contains(name)
                && !["proof-", "restriction-"].contains(where: name.hasPrefix)
        }
    }

    /// What a form says of a moment at the window.
    private static let attested: Set<String> = [
        "second-number", "seen", "differs", "assigned", "reader", "ticket",
    ]

    /// Names and values, each behind its length, so that no value can be taken for another name.
    private static func text(of values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map {
            "\($0.key.utf8.count):\($0.key)\($0.value.utf8.count):\($0.value)"
        }.joined()
    }

    /// What no file of the service keeps, hashed or not.
    private static let secrets: Set<String> = ["old-pin", "new-pin", "new-pin-again"]

    /// Drawn anew by every process, and kept nowhere.
    private static let fingerprintKey = Result<[UInt8], CryptographyError> { () throws(CryptographyError) -> [UInt8] in
        try SecureRandom.bytes(32)
    }

    /// Passwords and marks, which are no part of what a form says.
    private static let untold: Set<String> = ["form-token", "key", "second-password", "password"]

    /// Reads a form (`application/x-www-form-urlencoded`); throws `counter.form` for what is none, or names a field twice.
    static func form(_ buffer: ByteBuffer) throws(Faults) -> Fields {
        guard let text = String(validating: buffer.readableBytesView, as: UTF8.self) else {
            throw Faults("counter.form")
        }
        guard !text.isEmpty else { return Fields(values: [:]) }
        do {
            let spaced = text.replacingOccurrences(of: "+", with: "%20")
            return try Fields(
                sent: try URLEncodedFormDecoder().decode([String: String].self, from: spaced), "counter.form")
        } catch {
            throw Faults("counter.form")
        }
    }

    /// Reads a JSON object: members of an object are named `object-member`, a list of words is one line each and a tick for each.
    static func json(_ buffer: ByteBuffer) throws(Faults) -> Fields {
        let data = Data(buffer.readableBytesView)
        guard !data.isEmpty else { return Fields(values: [:]) }
        guard let object = try? JSONDecoder().decode([String: JSONField].self, from: data) else {
            throw Faults("counter.json")
        }
        var values: [String: String] = [:]
        var isTwice = false
        for (name, field) in object {
            field.flatten(as: name) { name, text in isTwice = values.updateValue(text, forKey: name) != nil || isTwice }
        }
        // Which of the two counts would be chance.
        guard !isTwice else { throw Faults("counter.json") }
        return try Fields(sent: values, "counter.json")
    }
}

/// A member of a JSON object that a program sends.
private enum JSONField: Decodable {
    case text(String)
    case list([String])
    case members([String: String])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let number = try? container.decode(Int64.self) {
            self = .text(String(number))
        } else if let isOn = try? container.decode(Bool.self) {
            self = .text(isOn ? "on" : "")
        } else if let list = try? container.decode([String].self) {
            self = .list(list)
        } else {
            let members = try container.decode([String: JSONField].self)
            self = .members(members.compactMapValues { if case .text(let text) = $0 { text } else { nil } })
        }
    }

    func flatten(as name: String, into fill: (String, String) -> Void) {
        switch self {
        case .text(let text): fill(name, text)
        case .list(let list):
            fill(name, list.joined(separator: "\n"))
            // "proofs": ["paper"] ticks what the form calls proof-paper
            let singular = name.hasSuffix("s") ? String(name.dropLast()) : name
            for word in Set(list) { fill("\(singular)-\(word)", "on") }
        case .members(let members):
            for (member, text) in members { fill("\(name)-\(member)", text) }
        }
    }
}
