import ByteText
import CardApplication
import CardCryptography
public import CardData
import CardLayout
public import ISO7816
import IssuerKeys
import Lifecycle

/// A till for practice: gives a training card published purchase keys and pays with it, so that the card writes its log of medical
/// transactions (DF04/EF08) itself.
///
/// The issuer's purchase keys are replaced because no key service makes the proofs of a terminal; a card so treated pays nowhere else.
public struct TrainingTerminal {
    /// The COS profile of cards with purchase keys.
    public static let profileName = "fmcos-ssse-medical"
    /// More than the log has room for, so that its oldest rows are gone.
    public static let purchases = 32

    /// The invented terminal's number: the issuing area, then what the maker of the PSAM gave.
    private static let number: [UInt8] = [0x99, 0x01, 0x01, 0x00, 0x00, 0x01]
    private static let environment = "SSSE"
    private static let medical = "DF04"

    private let preparation: CardPreparation

    /// A terminal with the layouts and keys of a place.
    ///
    /// Throws `training-card.production` where real cards are made.
    public init(_ preparation: CardPreparation) throws(Faults) {
        guard preparation.policy.mode == .development else { throw Faults("training-card.production") }
        self.preparation = preparation
    }

    /// Pays ``purchases`` times with the issued training card of the channel.
    ///
    /// Throws `training-card.no-purchases` for a card that has no purchase keys or no log of transactions.
    public func pay(layoutName: String, through channel: any CardChannel) throws {
        let compiled = try preparation.library.entry(layoutName).compiled
        let profile = compiled.profile
        guard let environment = compiled.directory(Self.environment), let medical = compiled.directory(Self.medical),
            let master = medical.security.masterKey, let pinRecord = compiled.pinRecord(of: medical),
            let purchaseKey = medical.security.keys.first(where: { $0.type == 0x3E }),
            let transactionKey = medical.security.keys.first(where: { $0.type == 0x34 }),
            let context = CardKeyContext(channel.answerToReset, profile: profile, area: preparation.policy.area)
        else { throw Faults("training-card.no-purchases", ["layout": layoutName, "known": Self.profileName]) }
        let pin = try PersonalIdentificationNumber(digits: TrainingCard.pinDigits)
        let conversation = CardConversation(
            channel, with: compiled, keys: preparation.keys, context: context, pin: pin)
        let commands = CardCommands(profile: profile)
        try conversation.reset()
        for directory in [environment, medical] {
            try conversation.perform(.fixed(commands.select(directory)), wantsAnswer: false)
        }
        try conversation.present(master)
        for record in [purchaseKey, transactionKey] {
            try conversation.perform(.fixed(commands.getChallenge(4)))
            try conversation.perform(
                .writeKey(
                    record, .key(.transport(profile.transportKey)), isUpdate: true,
                    master: .issuer(KeyName(rawValue: master.name))))
        }
        try conversation.perform(.verifyPIN(identifier: pinRecord.identifier, length: (pin.count + 1) / 2))
        for index in 0..<Self.purchases {
            try pay(index, purchaseKey.identifier, profile.transportKey, conversation)
        }
    }

    /// One purchase: without money from the account, as online settlement does it.
    private func pay(_ index: Int, _ keyIdentifier: UInt8, _ key: [UInt8], _ conversation: CardConversation) throws {
        let total = UInt32(1_250 + 375 * index)
        let amounts = UInt32(0).bigEndianBytes + total.bigEndianBytes + (total / 2).bigEndianBytes
        let begun = try conversation.perform(
            .fixed(
                CommandAPDU(0x80, 0x50, 0x01, 0x02, data: [keyIdentifier] + amounts + Self.number, expectedLength: 6)))
        guard begun.count == 6 else { throw CardError.unexpectedLength(place: Self.medical, begun.count) }
        let purchase = try MedicalPurchase(
            amounts: amounts, terminal: Self.number, terminalSequence: UInt32(index + 1).bigEndianBytes,
            time: Self.time(index), challenge: Array(begun.prefix(4)), cardSequence: Array(begun.suffix(2)))
        let proofs = try conversation.perform(
            .fixed(
                CommandAPDU(
                    0x80, 0x54, 0x01, 0x00,
                    data: purchase.terminalSequence + purchase.time + purchase.terminalMAC(key), expectedLength: 8)))
        guard proofs == (try purchase.cardMAC(key) + purchase.transactionCode(key)) else {
            throw CardError.differs(place: Self.medical)
        }
    }

    /// A day later each time, from 2026-03-01 09:00:00.
    private static func time(_ index: Int) -> [UInt8] {
        let (month, day) = index < 31 ? (3, index + 1) : (4, index - 30)
        return [0x20, 0x26] + [month, day].map { UInt8($0 / 10 << 4 | $0 % 10) } + [0x09, 0x00, 0x00]
    }
}
