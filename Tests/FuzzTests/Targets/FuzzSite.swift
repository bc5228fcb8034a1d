import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Personalization
import Synchronization
import VirtualCard

/// What the doors need behind them: the house's layouts and tables, the development keys, one invented person's card.
final class FuzzSite: Sendable {
    /// The area the card is issued in; 99 belongs to nobody.
    static let area = "990101"
    /// The cards that there is a site for.
    enum Kind: String, CaseIterable {
        /// A file system card by the national layout.
        case national = "national-2.0"
        /// One whose ciphers are SM4, with a pair of keys of its own.
        case sm4 = "national-2.0@fmcos-ssse-sm4"
        /// One with files under line protection.
        case protected = "example-region"
        /// One whose files and keys a security domain brings.
        case applications = "national-2.0@globalplatform"
    }

    private static let loaded = Dictionary(
        uniqueKeysWithValues: Kind.allCases.map { ($0, LazySite($0)) })

    /// A site that is made when it is first asked for.
    private final class LazySite: Sendable {
        private let kind: Kind
        private let made = Mutex<Result<FuzzSite, any Error>?>(nil)

        init(_ kind: Kind) { self.kind = kind }

        func get() throws -> FuzzSite {
            try made.withLock { made in
                let site = made ?? Result { try FuzzSite(kind) }
                made = site
                return site
            }.get()
        }
    }

    let compiled: CompiledCard
    let encoder: PersonImageEncoder
    let areas: AreaCodeTable
    let today: CardDate
    let keys: any CardKeyService
    let pin: PersonalIdentificationNumber
    let plan: CardPlan
    /// The state of a blank card, and of one that the plan has run on.
    let blankImage: [UInt8]
    let issuedImage: [UInt8]
    /// Commands that ask a card for everything it may answer without keys.
    let probes: [[UInt8]]
    private let journalKey: SealingKey
    private let journalHeader: [UInt8]
    private let identity: CardIdentity
    /// The answer to reset of a card of the site's profile.
    let answerToReset: AnswerToReset

    var layout: CardLayout { compiled.layout }
    var profile: COSProfile { compiled.profile }

    /// The site of a kind of card, made when it is first asked for.
    static func shared(_ kind: Kind = .national) throws -> FuzzSite {
        guard let site = loaded[kind] else { throw FuzzFinding("no site of \(kind)") }
        return try site.get()
    }

    private init(_ kind: Kind) throws {
        let library = LayoutLibrary(home: FuzzTarget.home)
        compiled = try library.compiledCard(named: kind.rawValue)
        let (layout, profile) = (compiled.layout, compiled.profile)
        encoder = PersonImageEncoder(layout: layout)
        areas = try AreaCodeTable(folder: library.folder + "/tables")
        today = try CardDate("20261122")
        keys = try SoftwareKeyService(
            SealedKeyStore.openDevelopment(directory: FuzzTarget.home + "/Keys/development"),
            hierarchy: KeyHierarchy.read(FuzzTarget.home + "/Keys/hierarchy.yaml"))
        pin = try PersonalIdentificationNumber(digits: "925814")
        plan = try CardPlanner(compiled).plan(for: encoder.encode(Self.person), pinLength: 3)

        let card = try Self.newCard(profile)
        let channel = try VirtualCardChannel(card)
        guard let identity = CardIdentity(channel.answerToReset),
            let context = CardKeyContext(channel.answerToReset, profile: profile, area: Self.area)
        else { throw FuzzFinding("the virtual card has no identity") }
        self.identity = identity
        answerToReset = channel.answerToReset
        blankImage = (card as? VirtualCard)?.image ?? []

        // Journals are short-lived and many: they live in memory.
        let journalFolder = Self.folderInMemory()
        defer { try? FileManager.default.removeItem(atPath: journalFolder) }
        try FileManager.default.createDirectory(atPath: journalFolder, withIntermediateDirectories: true)
        journalKey = SealingKey(try SecureRandom.secret(32))
        let content = JournalContent(planHash: try plan.hash, values: Self.person, notes: [:], pin: pin)
        let journal = try Journal.begin(in: journalFolder, card: identity, content: content, key: journalKey)
        let path = "\(journalFolder)/\(identity.text).journal"
        journalHeader = Array(try Data(contentsOf: URL(filePath: path)).prefix { $0 != UInt8(ascii: "\n") }) + [0x0A]
        let conversation = CardConversation(channel, profile: profile, keys: keys, context: context, pin: pin)
        try PlanRunner(plan, conversation).run(journal: journal)
        try journal.remove()
        issuedImage = (card as? VirtualCard)?.image ?? []

        let commands = CardCommands(profile: profile)
        probes =
            try compiled.directories.flatMap { directory in
                try [commands.select(identifier: directory.identifier).bytes]
                    + directory.files.flatMap { file in
                        file.file.map { file in
                            [
                                commands.readRecord(1, of: file, length: 0).bytes,
                                commands.readRecord(tag: 0x08, of: file, length: 0).bytes,
                                commands.readBinary(offset: 0, of: file, length: 240).bytes,
                            ]
                        } ?? []
                    }
            } + [commands.getChallenge(8).bytes, commands.selectMasterFile().bytes]
    }

    /// An invented person.
    static let person = [
        "identificationCode": "990101D15600000504000001A1B2C3D4", "cardClass": "3",
        "initializingInstitution": "915600000299010199010101", "issueDate": "20261122", "expiryDate": "20361122",
        "cardNumber": "D00000005", "citizenNumber": "990165200802116857", "name": "阿卜杜拉·买买提·艾则孜·玉素甫江",
        "sex": "1", "ethnicGroup": "01", "birthPlace": "990165", "birthDate": "20080211",
        "DF01.EF08.maritalStatus": "1",
    ]

    private static func newCard(_ profile: COSProfile) throws -> any VirtualReaderCard {
        let serial: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x01]
        guard let domain = profile.globalPlatform else {
            return try VirtualCard(profile: profile, serialNumber: serial, challenges: .seeded(1))
        }
        return try GlobalPlatformCard(blank: domain, serialNumber: serial, challenges: .seeded(1))
    }

    /// The card that is honest to a user: a blank to who makes cards, and to who is at home with a security domain's.
    func honestCard(isBlank: Bool) throws -> any VirtualReaderCard {
        guard profile.globalPlatform == nil else { return try Self.newCard(profile) }
        return try isBlank ? blankCard() : issuedCard()
    }

    /// A card that has been issued, in a state of its own.
    func issuedCard() throws -> VirtualCard {
        try VirtualCard(image: issuedImage, challenges: .seeded(1)) { _ in profile }
    }

    /// A blank card.
    func blankCard() throws -> VirtualCard {
        try VirtualCard(image: blankImage, challenges: .seeded(1)) { _ in profile }
    }

    /// A conversation by which users of cards talk to `channel`.
    func conversation(_ channel: any CardChannel) throws -> CardConversation {
        guard let context = CardKeyContext(channel.answerToReset, profile: profile, area: Self.area) else {
            throw FuzzFinding("the answer to reset has no card factor")
        }
        return CardConversation(channel, profile: profile, keys: keys, context: context, pin: pin)
    }

    private static func folderInMemory() -> String { "/dev/shm/sscard-fuzz-\(UUID().uuidString)" }

    /// Runs `body` with a journal whose header is whole and whose lines are `lines`.
    func withJournal(lines: [UInt8], _ body: (String, CardIdentity, SealingKey) throws -> Void) throws {
        let folder = Self.folderInMemory()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Data(journalHeader + lines).write(to: URL(filePath: "\(folder)/\(identity.text).journal"))
        try body(folder, identity, journalKey)
    }

    /// Begins a journal for the site's plan and hands it to `body`.
    func withNewJournal(_ body: (Journal) throws -> Void) throws {
        let folder = Self.folderInMemory()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let content = JournalContent(planHash: try plan.hash, values: Self.person, notes: [:], pin: pin)
        try body(Journal.begin(in: folder, card: identity, content: content, key: journalKey))
    }
}
