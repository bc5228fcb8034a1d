import ByteText
import CardCryptography
import CardData
import Lifecycle

/// Seals what events and views tell of a person, and makes the hash that a person is found by.
struct PersonSealing: Sendable {
    /// Which sealed field, so that one cannot stand in another's place.
    private enum Field: UInt8 {
        case number = 1
        case name = 2
        case details = 3
        /// A page of the name index, which no event carries.
        case names = 4
        /// Who came in the holder's place.
        case agent = 5
    }

    /// The version byte in front of every sealed field: which key sealed it.
    private static let keyVersion: UInt8 = 1

    let keys: RegistryKeys

    /// HMAC-SM3 of the number under the look-up key: the same for the same person, nothing to whoever lacks the key.
    func reference(of number: SocialSecurityNumber) throws(RegistryError) -> PersonReference {
        let hash: [UInt8]
        do {
            hash = try keys.lookUp.withSpan { (key) throws(CryptographyError) in
                try HashFunction.sm3.hmac(key: key, Array(number.text.utf8))
            }
        } catch {
            throw .cryptography(error)
        }
        guard let reference = PersonReference(bytes: hash) else { throw .inconsistent("HMAC-SM3 length") }
        return reference
    }

    /// Seals a person into the event that will carry the data, and no other.
    func seal(_ person: Person, into event: EventIdentifier) throws(RegistryError) -> SealedPerson {
        SealedPerson(
            person: try reference(of: person.number),
            sealedNumber: try seal(Array(person.number.text.utf8), .number, event),
            sealedName: try seal(Array(person.name.text.utf8), .name, event),
            sealedDetails: try seal(person.details, .details, event))
    }

    /// Opens what an event sealed; throws when a byte of it was changed or it stood elsewhere.
    func open(_ sealed: SealedPerson, from event: EventIdentifier) throws(RegistryError) -> Person {
        let number = try open(sealed.sealedNumber, .number, event)
        let name = try open(sealed.sealedName, .name, event)
        let details = try open(sealed.sealedDetails, .details, event)
        do {
            return try Person(
                number: String(decoding: number, as: UTF8.self), name: String(decoding: name, as: UTF8.self),
                details: details)
        } catch {
            throw .damaged(sequence: event.sequence)
        }
    }

    /// Seals an agent into the event that will carry them, and no other.
    func seal(_ agent: Agent, into event: EventIdentifier) throws(RegistryError) -> [UInt8] {
        try seal(agent.plain, .agent, event)
    }

    /// Opens the agent that an event sealed.
    func open(agent sealed: [UInt8], from event: EventIdentifier) throws(RegistryError) -> Agent {
        guard let agent = Agent(plain: try open(sealed, .agent, event)) else {
            throw .damaged(sequence: event.sequence)
        }
        return agent
    }

    /// Opens many names alone.
    func nameOpener() throws(RegistryError) -> NameOpener { NameOpener(boxes: try boxOpener()) }

    private func boxOpener() throws(RegistryError) -> SealedBoxOpener {
        do {
            return try keys.sealing.withSpan { (key) throws(CryptographyError) in try SealedBoxOpener(key: key) }
        } catch {
            throw .cryptography(error)
        }
    }

    /// See ``nameOpener()``; for one thread at a time.
    struct NameOpener {
        fileprivate let boxes: SealedBoxOpener

        /// The name that an event sealed.
        func open(_ sealed: UnsafeRawBufferPointer, from event: EventIdentifier) throws(RegistryError) -> String {
            guard sealed.first == keyVersion else { throw .damaged(sequence: event.sequence) }
            do {
                return try boxes.open(
                    UnsafeRawBufferPointer(rebasing: sealed.dropFirst()).bindMemory(to: UInt8.self).span,
                    header: header(.name, event)
                ) { $0.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }
            } catch {
                throw .damaged(sequence: event.sequence)
            }
        }
    }

    private func seal(_ plain: [UInt8], _ field: Field, _ event: EventIdentifier) throws(RegistryError) -> [UInt8] {
        try seal(plain, header: Self.header(field, event))
    }

    private func seal(_ plain: [UInt8], header: [UInt8]) throws(RegistryError) -> [UInt8] {
        do {
            return try keys.sealing.withSpan { (key) throws(CryptographyError) in
                [Self.keyVersion] + (try SealedBox.seal(plain.span, key: key, header: header))
            }
        } catch {
            throw .cryptography(error)
        }
    }

    private func open(_ sealed: [UInt8], _ field: Field, _ event: EventIdentifier) throws(RegistryError) -> [UInt8] {
        guard let plain = open(sealed, header: Self.header(field, event)) else {
            throw .damaged(sequence: event.sequence)
        }
        return plain
    }

    /// Nil when a byte was changed, or it was sealed for another place.
    private func open(_ sealed: [UInt8], header: [UInt8]) -> [UInt8]? {
        guard sealed.first == Self.keyVersion else { return nil }
        let opened = try? keys.sealing.withSpan { (key) throws(CryptographyError) in
            try SealedBox.open(Array(sealed.dropFirst()), key: key, header: header)
        }
        return opened?.withUnsafeBytes { Array($0) }
    }

    /// What a box is bound to: key version, counter, sequence, field.
    private static func header(_ field: Field, _ event: EventIdentifier) -> [UInt8] {
        [keyVersion] + event.bytes + [field.rawValue]
    }
}

/// Pages of the name index, each sealed into its place.
extension PersonSealing {
    /// Seals the names of a page.
    func seal(page: [UInt8], at place: Int64) throws(RegistryError) -> [UInt8] {
        try seal(page, header: Self.header(ofPage: place))
    }

    /// Opens a page; throws when a byte of it was changed or it stood elsewhere.
    func open(page sealed: [UInt8], at place: Int64) throws(RegistryError) -> [UInt8] {
        guard let page = open(sealed, header: Self.header(ofPage: place)) else { throw Self.unfitPage }
        return page
    }

    /// Opens many pages.
    func pageOpener() throws(RegistryError) -> PageOpener { PageOpener(boxes: try boxOpener()) }

    /// See ``pageOpener()``; for one thread at a time.
    struct PageOpener {
        fileprivate let boxes: SealedBoxOpener

        /// Gives every name of a page with the bytes of the person's reference; the page is wiped after it.
        func open(
            _ sealed: UnsafeRawBufferPointer, at place: Int64, _ body: (String, Span<UInt8>) -> Void
        ) throws(RegistryError) {
            guard sealed.first == keyVersion else { throw unfitPage }
            let box = UnsafeRawBufferPointer(rebasing: sealed.dropFirst()).bindMemory(to: UInt8.self).span
            let isPage = try? boxes.open(box, header: header(ofPage: place)) { NamePage.forEach(in: $0, body) }
            guard isPage == true else { throw unfitPage }
        }
    }

    /// The index can be made again: `rebuild` does.
    private static let unfitPage = RegistryError.inconsistent("name index")

    /// Key version, place, field: of another length than an event's.
    private static func header(ofPage place: Int64) -> [UInt8] {
        [keyVersion] + UInt64(bitPattern: place).bigEndianBytes + [Field.names.rawValue]
    }
}
