import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Personalization
import VirtualCard

/// What the tests of this room make cards with: the source tree's layouts, the development keys, one invented person.
struct CardFactory {
    static let home = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let serialNumber: [UInt8] = [0x99, 0x01, 0x00, 0x00, 0x00, 0x01]

    let compiled: CompiledCard
    let keys: any CardKeyService
    let pin: PersonalIdentificationNumber

    init(layout: String = "national-2.0") throws {
        try self.init(LayoutLibrary(home: Self.home).compiledCard(named: layout))
    }

    init(_ compiled: CompiledCard) throws {
        self.compiled = compiled
        let hierarchy = try KeyHierarchy.read(Self.home + "/Keys/hierarchy.yaml")
        keys = try SoftwareKeyService(
            SealedKeyStore.openDevelopment(directory: Self.home + "/Keys/development"), hierarchy: hierarchy)
        pin = try PersonalIdentificationNumber(digits: "925814")
    }

    /// An invented person (area 99 belongs to nobody), with data in an application too.
    var person: [String: String] {
        [
            "identificationCode": "990101D15600000504000001A1B2C3D4", "cardClass": "3",
            "initializingInstitution": "915600000299010199010101", "issueDate": "20261122", "expiryDate": "20361122",
            "cardNumber": "D00000005", "citizenNumber": "990165200802116857", "name": "阿卜杜拉·买买提·艾则孜·玉素甫江",
            "sex": "1", "ethnicGroup": "01", "birthPlace": "990165", "birthDate": "20080211",
            "DF01.EF08.maritalStatus": "1",
        ]
    }

    /// The person as a layout takes them: version 1.00 has no extension of the name.
    func person(of layout: String) -> [String: String] {
        layout.hasPrefix("national-1.0") ? person.merging(["name": "张三"]) { $1 } : person
    }

    func plan(_ values: [String: String]? = nil) throws -> CardPlan {
        let image = try PersonImageEncoder(layout: compiled.layout).encode(values ?? person)
        return try CardPlanner(compiled).plan(for: image, pinLength: 3)
    }

    func blank() throws -> VirtualCard {
        try VirtualCard(profile: compiled.profile, serialNumber: Self.serialNumber)
    }

    func conversation(_ channel: any CardChannel, area: String = "990101") throws -> CardConversation {
        guard let context = CardKeyContext(channel.answerToReset, profile: compiled.profile, area: area) else {
            throw PersonalizationError.foreignCard(fitting: [])
        }
        return CardConversation(channel, profile: compiled.profile, keys: keys, context: context, pin: pin)
    }

    /// A folder for journals and what belongs in one.
    func workshop() throws -> Workshop { try Workshop(factory: self) }
}

/// One counter's journals, and runs of a plan with tears.
struct Workshop {
    let factory: CardFactory
    let folder: String
    let key: SealingKey

    init(factory: CardFactory) throws {
        self.factory = factory
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        key = SealingKey(try SecureRandom.secret(32))
    }

    func close() { try? FileManager.default.removeItem(atPath: folder) }

    func identity(_ channel: any CardChannel) throws -> CardIdentity {
        guard let identity = CardIdentity(channel.answerToReset) else {
            throw PersonalizationError.foreignCard(fitting: [])
        }
        return identity
    }

    /// A first run, on the channel given.
    func begin(_ plan: CardPlan, on channel: any CardChannel, values: [String: String]) throws {
        let content = JournalContent(planHash: try plan.hash, values: values, notes: [:], pin: factory.pin)
        let journal = try Journal.begin(in: folder, card: identity(channel), content: content, key: key)
        try PlanRunner(plan, factory.conversation(channel)).run(journal: journal)
    }

    /// The card is put in again and the plan goes on after the journal's last line.
    func resume(_ plan: CardPlan, on channel: any CardChannel) throws {
        guard let (journal, _, position) = try Journal.resume(in: folder, card: identity(channel), key: key) else {
            throw PersonalizationError.begunForAnother
        }
        let conversation = try factory.conversation(channel)
        let entry = try TornCard(plan, of: factory.compiled, conversation).entry(after: position)
        try PlanRunner(plan, conversation).run(from: entry, journal: journal)
    }
}
