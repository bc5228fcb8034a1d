import ArgumentParser
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Glibc
import ISO7816
import IssuerKeys
import Issuing
import Lifecycle
import Registry
import SmartCardReader
import Synchronization

/// Which card's PIN is served, by whom, and what is told of it.
struct PINServiceOptions: ParsableArguments {
    @OptionGroup var site: SiteOptions
    @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?
    @Option(help: "布局 Layout; by the card's answer to reset when none is named.") var layout: String?
    @Option(help: "只办理此目录 Only this directory of the card, to finish what was interrupted; repeated.")
    var directory: [String] = []
    @OptionGroup var officers: OfficerOptions
    @OptionGroup var signed: ApprovalOptions
    @OptionGroup var lastTry: LastTryOptions
    @OptionGroup var firstContact: FirstContactOptions
    @OptionGroup var tracing: TraceOptions
    @Flag(help: "输出 JSON.") var json = false

    private struct Report: Encodable {
        let service: String
        let identificationCode: String
        let cardNumber: String?
        let directories: [String]
        let ticket: String
        let isBooked: Bool
        let event: String?
        let slip: UInt64?
        let lifted: [String]
        let state: String?
        let pinSlip: String?
    }

    /// Serves the card in the reader and tells what was done.
    ///
    /// - Parameter isDrawn: true for a PIN that nobody chose: it is written to a slip before the card is touched.
    func serve(_ act: HolderPIN.Act, ticket: String, isDrawn: Bool) async throws {
        let approved = try signed.approved(site)
        let officers = try officers.confirmed(by: approved)
        let handling = try officers.handling(as: .teller)
        let request = try PINRequest(
            act, ticket: ticket,
            // the card is in the reader, and the desk has it prove itself
            handling: Handling(by: handling.officer, second: handling.second, proofs: handling.proofs.union(.cardRead)),
            directories: directory.isEmpty ? nil : Set(directory))
        let site = try Site(site).acting(officers)
        let registry = try site.registry()
        let preparation = try site.preparation(
            as: .teller, ticket: ticket.isEmpty ? nil : WorkTicket(ticket),
            second: approved.map { .approved($0) } ?? officers.second.map { .named(String($0)) })
        let visits = try site.visits(
            lastTry: try lastTry.permission(officers), acceptedBy: firstContact.acceptance(by: officers),
            registry: registry)
        let dataFolder = try self.site.dataFolder()
        let reader = try SmartCardReader.attached(reader)
        let open = try IssueListing.unfinished(in: dataFolder + "/issue")
        let pending = Mutex<String?>(nil)
        let outcome: PINOutcome
        do {
            outcome = try await Interruption.finishing {
                try await reader.withCard { channel in
                    let desk = PINDesk(
                        registry: registry, preparation: preparation, visits: visits,
                        cards: try layout.map { [try site.library.entry($0).compiled] }
                            ?? site.compiledCards(answering: channel.answerToReset.bytes),
                        journalFolder: dataFolder + "/journal")
                    return try tracing.traced(channel) { channel in
                        if let kind = desk.kind(of: channel),
                            let work = try self.site.unfinishedWork(on: channel.answerToReset, kind.profile)
                        {
                            throw Faults(work.faultCode)
                        }
                        return try desk.serve(request, through: channel) {
                            Terminal.progress($0)
                        } onReady: { code, card in
                            if let card { try open.check(pinOf: card) }
                            guard isDrawn, let pin = act.newPIN else { return }
                            let number = card?.facts?.number
                            let path = try PINSlip.pendingPath(in: dataFolder, for: number?.text ?? code.text)
                            try PINSlip.write(pin, of: number?.printed ?? code.text, called: "新密码", to: path)
                            pending.withLock { $0 = path }
                        }
                    }
                }
            }.value
        } catch {
            Terminal.endProgress()
            if let path = pending.withLock({ $0 }) { giveUp(path, after: error) }
            throw error
        }
        Terminal.endProgress()
        try tell(outcome, of: request, slip: pending.withLock { $0 }.map { path in try PINSlip.settle(path) })
    }

    /// A slip whose PIN the card certainly does not have is taken away; any other is kept and told.
    private func giveUp(_ path: String, after error: any Error) {
        if (error as? PINDeskError)?.isUnchanged ?? false {
            unlink(path)
        } else {
            Terminal.tell("新密码可能已在卡上，密码单保留 The card may have the new PIN; its slip is kept: \(path)")
        }
    }

    private func tell(_ outcome: PINOutcome, of request: PINRequest, slip: String?) throws {
        let service = outcome.events.first
        let lifted = outcome.events.dropFirst().flatMap { event in
            if case .released(let identifiers) = event.act { identifiers.sorted().map { "\($0)" } } else { [String]() }
        }
        let state = outcome.events.last?.state?.shown
        if json {
            return try Terminal.say(
                json: Report(
                    service: request.service.name, identificationCode: outcome.identificationCode.text,
                    cardNumber: outcome.card?.facts?.number.text, directories: outcome.directories,
                    ticket: request.ticket, isBooked: service != nil, event: service.map { "\($0.identifier)" },
                    slip: service?.slip, lifted: lifted, state: state?.rawValue, pinSlip: slip))
        }
        let card = outcome.card?.facts.map { "卡号 \($0.number.printed)" } ?? "识别码 \(outcome.identificationCode.text)"
        Terminal.say(
            "\(request.service.chinese) \(request.service.name)  \(card)  目录 \(outcome.directories.joined(separator: " "))"
        )
        if let service {
            Terminal.say(
                "\(service.spokenSlip)事件 event \(service.identifier)  现状态 state \(state?.chinese ?? "") \(state?.english ?? "")"
            )
        } else {
            Terminal.say("此卡不在本网点登记，未记入日志。The card is not registered here; the log has nothing of it.")
        }
        if let slip { Terminal.say("密码单 PIN slip: \(slip)") }
    }
}
