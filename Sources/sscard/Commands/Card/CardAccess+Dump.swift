import CardApplication
import CardCryptography
import CardData
import CardLayout
import ISO7816
import IssuerKeys
import Issuing

extension CardAccess {
    /// Reads the card, everything or the named directories; throws `card.not-personalized` when it has none of them, and `card.other-version` for one of another version than the named layout's.
    ///
    /// What needs no key is shown also of a card of another area, and where the key log cannot be written.
    func dump(_ site: Site, directories: Set<String>? = nil) async throws -> (CardDump, CompiledCard) {
        let (keys, presentsKeys) = try keysForReading(site)
        let pin = try pin?.presentedPIN()
        return try await withCard(showsContent: true) { channel in
            var kind = try self.kind(of: channel, site)
            let work = try unfinishedWork(on: channel, kind)
            if let work { Terminal.tell([Fault(work.faultCode)]) }
            kind = layoutOnRecord(of: channel, insteadOf: kind, site)
            if layout != nil, try asksForVersion() {
                let onlooker = try conversation(
                    ReadOnlyChannel(channel), kind, site, CardPreparation.absentKeys, nil)
                try checkVersion(of: onlooker, kind, site)
                try channel.reset()
            }
            var terms = ReadingTerms(keys: keys, presentsKeys: presentsKeys, pin: pin, directories: directories)
            var readings = try read(channel, by: kind, site, &terms)
            if layout == nil, let other = try site.card(ofVersionIn: readings, insteadOf: kind) {
                kind = other
                try channel.reset()
                readings = try read(channel, by: other, site, &terms)
            }
            if work != nil, readings.isEmpty { throw ExitVerdict(code: 3) }
            try tellRefusals(readings)
            guard !readings.isEmpty else { throw Faults("card.not-personalized") }
            if directories == nil, !kind.systemFiles.isEmpty {
                let conversation = try conversation(ReadOnlyChannel(channel), kind, site, keys, nil)
                readings = try CardReader(conversation, kind, presentsKeys: false).readSystemFiles() + readings
            }
            var places: [RegionalPlace] = []
            if directories == nil, channel.hasMoreToAsk {
                let conversation = try conversation(ReadOnlyChannel(channel), kind, site, keys, nil)
                do {
                    places = try CardReader(conversation, kind, presentsKeys: false).findForeignPlaces()
                } catch let error as CardError where replay == nil {
                    // The card is gone or silent; what it has given before is shown.
                    Terminal.tell(error.faults)
                    Terminal.noteShortfall(error.faults)
                }
            }
            let dump = CardDump(
                layoutName: kind.layout.name, answerToReset: channel.answerToReset.bytes, readings: readings,
                foreignPlaces: places)
            return (dump, kind)
        }
    }

    /// Ends the program with the code of a card that failed, where it refused a file, warned of its own data or is not finished; for after the
    /// rest has been shown.
    func end(_ dump: CardDump, _ compiled: CompiledCard) throws {
        try dump.endWithRefusals()
        guard replay == nil, let answer = try? AnswerToReset(bytes: dump.answerToReset) else { return }
        if try site.unfinishedWork(on: answer, compiled.profile) != nil { throw ExitVerdict(code: 3) }
    }

    /// With what a card is read.
    private struct ReadingTerms {
        let keys: any CardKeyService
        var presentsKeys: Bool
        let pin: PersonalIdentificationNumber?
        let directories: Set<String>?
    }

    private func read(
        _ channel: any CardChannel, by compiled: CompiledCard, _ site: Site, _ terms: inout ReadingTerms
    ) throws -> [FileReading] {
        do {
            return try readOnce(channel, by: compiled, site, &terms)
        } catch let error as any FaultReporting where terms.presentsKeys && error.isOfKeyLog {
            tellWithoutKeys(error.faults)
            terms.presentsKeys = false
            try channel.reset()
            return try readOnce(channel, by: compiled, site, &terms)
        }
    }

    private func readOnce(
        _ channel: any CardChannel, by compiled: CompiledCard, _ site: Site, _ terms: inout ReadingTerms
    ) throws -> [FileReading] {
        defer { Terminal.endProgress() }
        let conversation = try conversation(ReadOnlyChannel(channel), compiled, site, terms.keys, terms.pin)
        if terms.presentsKeys, let area = try foreignArea(of: code(on: conversation, compiled), site) {
            terms.presentsKeys = false
            Terminal.tell([Fault("card.other-area-free", ["card": area, "used": site.area])])
        }
        return try conversation.explaining(of: compiled.layout) {
            try CardReader(
                conversation, compiled, presentsKeys: terms.presentsKeys,
                pinLength: terms.pin.map { ($0.count + 1) / 2 }
            ).read(directories: terms.directories) { Terminal.progress("\($0.directory)/\($0.file)") }
        }
    }

    /// The keys that reading presents, none where their log cannot be written.
    private func keysForReading(_ site: Site) throws -> (service: any CardKeyService, arePresented: Bool) {
        do {
            return try readingKeys(site)
        } catch let error as any FaultReporting where error.isOfKeyLog {
            tellWithoutKeys(error.faults)
            return (CardPreparation.absentKeys, false)
        }
    }

    private func tellWithoutKeys(_ faults: [Fault]) {
        Terminal.tell(faults)
        Terminal.tell("没有出示密钥，只显示无需密钥的内容（同 --without-keys） No key was presented: what needs none is shown.")
    }

    /// Says which files were not read, and the card's own word for it; throws that where nothing else was read.
    private func tellRefusals(_ readings: [FileReading]) throws(Faults) {
        let refusals = readings.compactMap(\.refusal)
        if readings.allSatisfy({ $0.refusal != nil || $0.outcome == .absent }), let faults = Faults(refusals) {
            throw faults
        }
        for fault in refusals {
            Terminal.tell(MessageCatalogue.standard.text(for: fault, language: .chinese).what)
            Terminal.tell("    " + MessageCatalogue.standard.text(for: fault, language: .english).what)
        }
    }
}

extension CardChannel {
    /// False for a trace at its end: it was recorded before places that no layout has were looked for.
    var hasMoreToAsk: Bool {
        if let traced = self as? TracingChannel { return traced.base.hasMoreToAsk }
        return (self as? ReplayChannel)?.remainingCount != 0
    }
}

extension FaultReporting {
    /// Whether the key log could not be written: nothing is said of the card by it, nor of the keys.
    fileprivate var isOfKeyLog: Bool { faults.contains { $0.code == "key-log.cannot-write" } }
}

extension CardDump {
    /// Ends the program with the code of a card that failed, where it refused a file or warned of its own data; for after the others have
    /// been shown.
    func endWithRefusals() throws {
        guard readings.allSatisfy({ $0.refusal == nil }), !isDamaged else { throw ExitVerdict(code: 3) }
    }
}

extension FileReading {
    /// That the card refused the file, in the catalogue's terms.
    fileprivate var refusal: Fault? {
        guard case .refused(let statusWord) = outcome else { return nil }
        return Fault("card.file-refused", ["file": "\(directory)/\(file)", "statusWord": statusWord.description])
    }
}
