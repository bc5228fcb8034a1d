import ArgumentParser
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Personalization
import SmartCardReader

/// Which card is looked at, and with what: a card in a reader, or one played from a trace.
struct CardAccess: ParsableArguments {
    @OptionGroup var site: SiteOptions
    @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?
    @Option(help: "布局 Layout; by the card's answer to reset when none is named.") var layout: String?
    @Option(help: "出示密码 Present the PIN: ask or fd:N.") var pin: PINSource?
    @Flag(help: "不出示读密钥 Read only what is open without keys.") var withoutKeys = false
    @Option(help: "用记录文件代替卡 Play the card from a trace file; no reader is needed.") var replay: String?
    @Option(help: "记录文件中的第几张卡 Which card of the trace file, from 1; the first when none is named.") var replayCard: Int?
    @OptionGroup var officers: OfficerOptions
    @OptionGroup var lastTry: LastTryOptions
    @OptionGroup var firstContact: FirstContactOptions
    @OptionGroup var tracing: TraceOptions

    func validate() throws {
        guard replay == nil || reader == nil else {
            throw ValidationError("--reader 与 --replay 只能用一个 · --reader or --replay, not both")
        }
        guard replayCard == nil || replay != nil else {
            throw ValidationError("--replay-card 须与 --replay 同用 · --replay-card needs --replay")
        }
    }

    /// The keys that reading presents, in the name of whoever reads; those of a place without any where none are to be presented, or a
    /// trace is played and no key store is named for it.
    ///
    /// Throws `tool.officer-missing` where somebody has to be named.
    func readingKeys(_ site: Site) throws -> (service: any CardKeyService, arePresented: Bool) {
        if withoutKeys { return (CardPreparation.absentKeys, false) }
        guard replay != nil, self.site.keys == nil else { return (try site.acting(officers).keys(), true) }
        guard let keys = try? site.keys() else { return (CardPreparation.absentKeys, false) }
        return (keys, true)
    }

    /// Runs `body` with the card; the card is reset afterwards.
    ///
    /// - Parameters:
    ///   - order: how a trace is played; a shell may ask in another order than was recorded.
    ///   - showsContent: whether what is read is to be shown: a trace without it has nothing to show, and is refused.
    /// - Throws: `trace.masked`.
    func withCard<Value: Sendable>(
        playing order: ReplayChannel.Order = .strict, showsContent: Bool = false,
        _ body: @Sendable (any CardChannel) throws -> Value
    ) async throws -> Value {
        guard let replay else {
            let reader = try SmartCardReader.attached(reader)
            return try await reader.withCard { channel in try tracing.traced(channel, body) }
        }
        let channel = ReplayChannel(try Self.trace(replay, card: replayCard ?? 1), order: order)
        let result = Result { try tracing.traced(channel, body) }
        if let mismatch = channel.mismatch { throw ReplayError(mismatch: mismatch, file: replay) }
        if channel.proofCount > 0 {
            Terminal.tell([Fault("trace.proof-as-recorded", ["file": replay])])
        }
        if channel.maskedAnswerCount > 0 {
            guard !showsContent else {
                throw Faults("trace.masked", ["file": replay, "count": String(channel.maskedAnswerCount)])
            }
            Terminal.tell(
                "记录中隐去了 \(channel.maskedAnswerCount) 个应答的个人数据 The trace masks the personal data of "
                    + "\(channel.maskedAnswerCount) answers (--trace-personal-data keeps them).")
        }
        return try result.get()
    }

    /// The same for work that changes the card: Ctrl-C lets it come to its end, and a second one does not.
    func changingCard<Value: Sendable>(_ body: @Sendable (any CardChannel) throws -> Value) async throws -> Value {
        try await Interruption.finishing { try await withCard(body) }.value
    }

    /// A conversation with the card; throws `card.no-identity` when its answer to reset has no serial number.
    ///
    /// - Parameter visit: the one that an earlier conversation with the card belongs to.
    func conversation(
        _ channel: any CardChannel, _ compiled: CompiledCard, _ site: Site, _ keys: any CardKeyService,
        _ pin: PersonalIdentificationNumber?, visit: CardVisit? = nil
    ) throws -> CardConversation {
        guard let card = CardKeyContext(channel.answerToReset, profile: compiled.profile, area: site.policy.area)
        else { throw Faults("card.no-identity") }
        let context = card.withVersions(
            try site.keyVersions(ofChip: CardIdentity(channel.answerToReset, rule: compiled.profile.identity)))
        return CardConversation(
            channel, with: compiled, keys: keys, context: context, pin: pin,
            visit: try visit ?? self.visit(of: channel, compiled, site))
    }

    /// What this place remembers of the card.
    ///
    /// A trace gives the same challenges every time, and costs no card a try.
    func visit(of channel: any CardChannel, _ compiled: CompiledCard, _ site: Site) throws -> CardVisit {
        let visits = try site.visits(
            lastTry: try lastTry.permission(officers), acceptedBy: firstContact.acceptance(by: officers))
        guard let replay else { return try visits.visit(of: channel.answerToReset, by: compiled.profile) }
        let holdsProof = try Self.trace(replay, card: replayCard ?? 1).holdsProof
        return CardVisit(
            VisitRecord(), keySet: visits.keySet, liveVersions: visits.liveVersions,
            firstContact: holdsProof ? .played : nil)
    }

    /// Reads a trace file; throws `trace.malformed` with line and column, and `trace.no-such-card`.
    static func trace(_ path: String, card: Int = 1) throws(Faults) -> CardTraceFile {
        let text = String(decoding: try InputFile.read(path), as: UTF8.self)
        let cards: [CardTraceFile]
        do {
            cards = try CardTraceFile.cards(in: text)
        } catch {
            throw Faults(
                "trace.malformed", ["expected": error.expected.rawValue],
                at: SourcePlace(file: path, line: error.line, column: error.column))
        }
        guard card >= 1, cards.indices.contains(card - 1) else {
            throw Faults("trace.no-such-card", ["file": path, "card": String(card), "count": String(cards.count)])
        }
        return cards[card - 1]
    }
}

/// A command that a trace had no answer to.
struct ReplayError: FaultReporting {
    let mismatch: ReplayChannel.Mismatch
    let file: String

    var faults: [Fault] {
        let command = mismatch.command
        guard let line = mismatch.line, let expected = mismatch.expected else {
            return [Fault("trace.no-answer", ["file": file, "command": command])]
        }
        return [
            Fault(
                "trace.other-command", ["command": command, "expected": expected],
                at: SourcePlace(file: file, line: line))
        ]
    }
}

extension ReplayChannel.Mismatch {
    /// The command as the trace would write it; its data, which may be personal, as their number.
    fileprivate var command: String {
        guard !header.isEmpty else { return "reset" }
        let digits = header.map { String(format: "%02X", $0) }.joined()
        let data = dataCount > 0 ? " ‹\(dataCount) bytes›" : ""
        return digits + data + (expectedLength.map { " le \($0)" } ?? "")
    }
}

/// Files that are named on the command line, read up to a limit.
enum InputFile {
    /// The file's bytes, at most 16 MiB; throws `tool.unreadable`, `file.is-folder` and `file.too-large`.
    static func read(_ path: String) throws(Faults) -> [UInt8] {
        let limit = 16 << 20
        var isFolder: ObjCBool = false
        guard !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || !isFolder.boolValue else {
            throw Faults("file.is-folder", ["file": path])
        }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw Faults("tool.unreadable", ["file": path, "reason": FileReason.ofReading(path)])
        }
        defer { try? handle.close() }
        let data: Data
        do {
            // An empty file has nothing to be read, which is no error.
            data = try handle.read(upToCount: limit + 1) ?? Data()
        } catch {
            throw Faults("tool.unreadable", ["file": path, "reason": FileReason.ofReading(path)])
        }
        guard data.count <= limit else { throw Faults("file.too-large", ["file": path, "most": String(limit >> 20)]) }
        return [UInt8](data)
    }
}
