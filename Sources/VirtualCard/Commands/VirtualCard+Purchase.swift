import ByteText
import CardCryptography
import CardLayout
import ISO7816

/// What INITIALIZE FOR PURCHASE leaves for the DEBIT that has to follow it at once.
struct BegunPurchase {
    let keyIdentifier: UInt8
    let amounts: [UInt8]
    let terminal: [UInt8]
    let challenge: [UInt8]
    let sequence: [UInt8]
}

/// The medical purchase, INITIALIZE FOR PURCHASE and DEBIT FOR PURCHASE, which alone write the log of medical transactions (card.md §2.6).
///
/// What is exchanged, the proofs and the record are published. The places in the commands follow PBOC's purse (cos-dialects §6.8) [inferred]:
///
/// | command | data | answer |
/// |---|---|---|
/// | `80 50 01 02 13` | key identifier 1, amounts 12, terminal number 6 | challenge 4, sequence 2 |
/// | `80 54 01 00 0F` | terminal sequence 4, time 7, MAC1 4 | MAC2 4, TAC 4 |
///
/// The keys are those of the current directory: 3E (DPK) by its identifier, whose use right says what has to be presented, and its 34 (DTK).
/// The number of a transaction is the newest record's and one more, 0 for the first. Yearly totals are in no file that is public and are not kept.
extension VirtualCard {
    func initializePurchase(_ command: CommandAPDU) throws -> Result {
        guard command.p1 == 0x01, command.p2 == 0x02 else { throw Refusal(.incorrectParameters) }
        guard command.data.count == 19 else { throw Refusal(.wrongLength) }
        guard cipher == .tripleDES, let log = try transactionLog() else { throw Refusal(.functionNotSupported) }
        let identifier = command.data[0]
        try demandUse(of: try purchaseKeys(identifier).purchase)
        let last = log.records.first.flatMap { UInt16(bigEndianBytes: Array($0.prefix(2))) }
        // after the last number there is none
        guard last != .max else { throw Refusal(.conditionsNotSatisfied) }
        let challenge = try newChallenge(4)
        // it proves a purchase and nothing else
        session.challenges.removeFirst()
        let sequence = (last.map { $0 + 1 } ?? 0).bigEndianBytes
        session.purchase = BegunPurchase(
            keyIdentifier: identifier, amounts: Array(command.data[1..<13]), terminal: Array(command.data[13...]),
            challenge: challenge, sequence: sequence)
        return Result(data: challenge + sequence)
    }

    /// All or nothing: MAC1 is checked, the record written, and the card's own proofs are handed over.
    func debitPurchase(_ command: CommandAPDU) throws -> Result {
        guard let begun = session.purchase else { throw Refusal(.conditionsNotSatisfied) }
        session.purchase = nil
        guard command.p1 == 0x01, command.p2 == 0x00 else { throw Refusal(.incorrectParameters) }
        guard command.data.count == 15, let log = try transactionLog() else { throw Refusal(.wrongLength) }
        let keys = try purchaseKeys(begun.keyIdentifier)
        let purchase = try refusing {
            try MedicalPurchase(
                amounts: begun.amounts, terminal: begun.terminal,
                terminalSequence: Array(command.data[0..<4]), time: Array(command.data[4..<11]),
                challenge: begun.challenge, cardSequence: begun.sequence)
        }
        let expected = try refusing { try purchase.terminalMAC(keys.purchase.value) }
        guard constantTimeEqual(Array(command.data[11...]), expected) else { throw Refusal(.invalidMAC) }
        let proofs = try refusing {
            try purchase.cardMAC(keys.purchase.value) + purchase.transactionCode(keys.transaction.value)
        }
        _ = try append(purchase.logRecord, to: log)
        return Result(data: proofs)
    }

    /// The ring of 28-byte records that nobody but the card writes; nil where the directory has none.
    private func transactionLog() throws -> FileNode? {
        try currentDirectory().files.first {
            $0.kind == .cyclic && $0.recordLength == 28 && $0.writeRight == Self.neverRight
        }
    }

    /// Access byte EF: no value of the register meets it.
    private static var neverRight: UInt8 { 0xEF }

    private func purchaseKeys(_ identifier: UInt8) throws -> (purchase: KeySlot, transaction: KeySlot) {
        guard let keyFile = try currentDirectory().keyFile,
            let purchase = keyFile.index(baseType: 0x3E, identifier: identifier),
            let transaction = keyFile.slots.first(where: { $0.baseType == 0x34 })
        else { throw Refusal(profile.keyNotFound) }
        return (keyFile.slots[purchase], transaction)
    }
}
