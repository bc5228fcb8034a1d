import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Personalization

/// The card that is made in every round: layout, values of one person, PIN and keys.
struct SampleCard {
    /// The training area of this house (GB/T 2260 leaves 99 free).
    private static let area = "990100"

    let compiled: CompiledCard
    private let encoder: PersonImageEncoder
    private let values: [String: String]
    private let pin: PersonalIdentificationNumber
    private var keys: any CardKeyService
    private let hierarchy: KeyHierarchy
    private let sealingKey: SealingKey

    var profile: COSProfile { compiled.profile }

    /// The card of a row, counted from 1, with a number and an identification code for measuring.
    ///
    /// - Parameter profileName: the profile; nil for the layout's own.
    init(home: String, layoutName: String, profileName: String? = nil, people: String, row: Int) throws {
        let library = LayoutLibrary(home: home)
        let layout = try library.layout(named: layoutName)
        compiled = try CompiledCard(
            layout: layout, profile: library.profile(named: profileName ?? layout.profileName))
        encoder = try PersonImageEncoder(layout: layout, codes: CodeLookup(folder: library.folder + "/tables"))
        let records = try PersonFile.read(
            path: people, expectedColumns: Applicant.columns.allowing(encoder.valueNames))
        guard records.indices.contains(row - 1) else { throw BenchError.noSuchRow(row) }
        var values = records[row - 1].values
        values["cardNumber"] = try CardNumber(body: "A0000001").text
        values["identificationCode"] =
            try IdentificationCode(areaCode: Self.area, serial: [1, 0, 0, 1], authenticationCode: [1, 2, 3, 4]).text
        self.values = values
        pin = try PersonalIdentificationNumber(digits: "135790")
        hierarchy = try KeyHierarchy.read(home + "/Keys/hierarchy.yaml")
        keys = try SoftwareKeyService(
            SealedKeyStore.openDevelopment(directory: home + "/Keys/development"), hierarchy: hierarchy)
        sealingKey = SealingKey(try SecureRandom.secret(32))
    }

    /// The same card with its keys behind the guard, every use in a log.
    ///
    /// Each round takes a guard of its own: cards that repeat their challenges are what a guard refuses.
    func guarded(home: String, log: KeyLog) throws -> SampleCard {
        let policy = try UsePolicy.read(home + "/Keys/use-policy.yaml", hierarchy: hierarchy)
        var card = self
        card.keys = try GuardedKeyService(
            keys, behind: KeyGuard(policy: policy, hierarchy: hierarchy, log: log),
            for: KeyUseSession(KeyOperator("1001", role: "personalizer")))
        return card
    }

    /// The plan, made anew as for every card.
    func plan() throws -> CardPlan {
        try CardPlanner(compiled).plan(for: encoder.encode(values), pinLength: (pin.count + 1) / 2)
    }

    /// Reads the card in the reader.
    ///
    /// - Parameter progress: told after each file.
    func read(
        through channel: any CardChannel, presentsKeys: Bool, progress: (FileReading) -> Void
    ) throws -> [FileReading] {
        guard let context = CardKeyContext(channel.answerToReset, profile: profile, area: Self.area) else {
            throw BenchError.foreignCard
        }
        return try CardReader(
            conversation(channel, context), compiled, presentsKeys: presentsKeys,
            pinLength: presentsKeys ? (pin.count + 1) / 2 : nil
        ).read(progress: progress)
    }

    private func conversation(_ channel: any CardChannel, _ context: CardKeyContext) -> CardConversation {
        CardConversation(channel, with: compiled, keys: keys, context: context, pin: pin)
    }

    /// How long the parts of one run took, in microseconds.
    struct Duration {
        /// Making and sealing the journal, before the first command.
        let journal: Double
        /// From the first command to the last, the journal's lines and the key service in between.
        let run: Double
        /// What of that this thread spent on a processor.
        let processor: Double
    }

    /// Makes the card in the reader from its plan, the journal in `journalFolder`.
    func personalize(
        _ plan: CardPlan, planHash: [UInt8], through channel: any CardChannel, journalFolder: String
    ) throws -> Duration {
        guard channel.answerToReset.bytes.starts(with: profile.answerToResetPrefix),
            let context = CardKeyContext(channel.answerToReset, profile: profile, area: Self.area),
            let identity = CardIdentity(channel.answerToReset)
        else { throw BenchError.foreignCard }
        let content = JournalContent(
            planHash: planHash, values: values, notes: ["layout": plan.layoutName], pin: pin)
        let conversation = self.conversation(channel, context)
        let beginning = Stopwatch()
        let journal = try Journal.begin(in: journalFolder, card: identity, content: content, key: sealingKey)
        let journalTime = beginning.microseconds
        let run = Stopwatch()
        try PlanRunner(plan, conversation).run(journal: journal)
        let duration = Duration(journal: journalTime, run: run.microseconds, processor: run.processorSeconds * 1e6)
        try journal.remove()
        return duration
    }
}
