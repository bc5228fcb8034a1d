import CardData
import Issuing
import Lifecycle
import Registry

/// What an act says beside its name, for histories, answers and slips alike.
extension CounterWeb {
    /// A label and what stands behind it.
    typealias Detail = (label: String, value: String)

    /// - Parameter events: the card's, among which a release finds what it lifted.
    func details(of logged: LoggedEvent, among events: [LoggedEvent], _ language: MessageLanguage) -> [Detail] {
        // An application is called by the event that it was handed in with.
        let own: [Detail] =
            logged.body.act.kind == .submitted
            ? [(pages.words.text("detail-application", language), logged.event.identifier.description)] : []
        return own + details(of: logged.body.act, among: events, language)
    }

    /// The same of an act that stands in no log yet.
    func details(of act: Act, among events: [LoggedEvent], _ language: MessageLanguage) -> [Detail] {
        func text(_ name: String) -> String { pages.words.text(name, language) }
        func reason(_ word: String) -> Detail { (text("choice-reason"), text(word)) }
        switch act {
        case .temporaryLoss(let report), .formalLoss(let report):
            let told: [Detail] = [
                (text("choice-reporter"), text("reporter-\(report.reporter)")),
                (text("choice-channel"), text("channel-\(report.channel)")),
                (text("choice-subject"), text("subject-\(report.subject)")),
            ]
            return told + (report.lostSince.map { [(text("detail-since"), Moment.text($0))] } ?? [])
        case .personLookedUp(_, let purpose, let found):
            let told = [(text("purpose"), text("purpose-\(purpose)"))]
            return found ? told : told + [(text("person"), text("detail-nobody"))]
        case .held(let why, let until):
            return [reason("reason-\(why)")] + (until.map { [(text("detail-until"), dashed($0))] } ?? [])
        case .cancelled(let why): return [reason("reason-\(why)")]
        case .recovered(let why): return [reason("reason-\(why)")]
        case .spoiled(let spoilage): return [reason("spoilage-\(spoilage.reason)")]
        case .released(let restrictions):
            let names = restrictions.sorted().map { opened in
                let kind = events.first { $0.event.identifier == opened }?.body.act.kind
                return [kind.map(language.word), opened.description].compactMap(\.self).joined(separator: " ")
            }
            return [(text("detail-released"), list(names, language))]
        case .corrected(let correction):
            return [
                (text("detail-corrected"), "\(language.word(correction.kind)) \(correction.event)"),
                reason("reason-\(correction.reason)"),
            ]
        case .pinServed(let service, let ticket):
            let told: [Detail] = [(text("detail-service"), text("pin-\(service.name)"))]
            // What stands in place of a ticket says that it broke off.
            if service == .change, !act.tellsOfHoldersPIN {
                return told + [(text("detail-outcome"), text("pinInterrupted"))]
            }
            return told + (ticket.isEmpty ? [] : [(text("ticket"), ticket)])
        case .dataChanged(let elements):
            return [(text("detail-elements"), list(elements.map { element($0, language) }, language))]
        case .migrated(let layout, let profile):
            return [(text("detail-layout"), "\(layout) (\(profile))")]
        case .replaced(let successor, let why):
            return [
                (text("choice-replacement"), text("replacement-\(why)")), (text("successor"), successor.text),
            ]
        case .feeAnswered(let answer):
            let yuan = "\(answer.fen / 100).\(answer.fen % 100 < 10 ? "0" : "")\(answer.fen % 100)"
            return [
                (text("feeWhat"), text("fee-\(answer.way.name)")), (text("feeAmount"), yuan),
                (text("issue"), answer.issue),
            ]
        case .chipEnded(let end): return [(text("detail-chip"), text("endedChip-\(end)"))]
        case .destroyed:
            // What became of the chip stands before it in the same transaction, or where it was blocked earlier.
            let ends = events.compactMap { logged -> ChipEnd? in
                if case .chipEnded(let end) = logged.body.act { end } else { nil }
            }
            return ends.last.map { [(text("detail-chip"), text("endedChip-\($0)"))] } ?? []
        case .submitted(let facts):
            let told: [Detail] = [
                (text("kind"), text("kind-\(facts.kind.name)")), (text("way"), text("way-\(facts.way)")),
            ]
            return told + (facts.batch.isEmpty ? [] : [(text("batch"), facts.batch)])
        case .application(let application, let step):
            let told: [Detail] = [(text("detail-application"), application.description)]
            return switch step {
            case .productionFailed(_, let why?): told + [(text("detail-failure"), why.text)]
            case .rejected(let why, let note):
                told + [reason("reason-\(why)")] + (note.map { [(text("applicationNote"), $0.text)] } ?? [])
            case .supplementAsked(let note?): told + [(text("applicationNote"), note.text)]
            case .collected(let why?), .lapsed(let why?): told + [reason("reason-\(why)")]
            default: told
            }
        case .stock(let move): return move.terminal.map { [(text("terminal"), $0.text)] } ?? []
        case .duplicate(let first): return [(text("detail-first-card"), first.text)]
        case .leaseGranted(let lease):
            let range = lease.numbers
            return [
                (text("leaseCounter"), String(lease.counter)),
                (
                    text("leaseNumbers"),
                    "\(range.letter)\(range.serials.lowerBound)-\(range.serials.upperBound)"
                ),
                (text("leaseCards"), String(lease.terms.cards)),
            ]
        case .leaseReturned(let lease): return [(text("lease"), lease.description)]
        default: return []
        }
    }

    /// Whom registrations and look-ups are about, masked, for those who may see reports; nobody for others.
    func audited(_ events: [LoggedEvent], for visitor: Visitor) async throws -> [PersonReference: MaskedPerson] {
        guard visitor.seesReports else { return [:] }
        let persons = Set(events.compactMap(\.body.act.registeredOrLookedUp))
        return persons.isEmpty ? [:] : try await desk.registry { try $0.masked(persons) }
    }

    /// What an event says of whom it looked up or registered, as far as the reader may see it.
    func details(
        of logged: LoggedEvent, audited: [PersonReference: MaskedPerson], _ language: MessageLanguage
    ) -> [Detail] {
        guard let person = logged.body.act.registeredOrLookedUp.flatMap({ audited[$0] }) else { return [] }
        return [(pages.words.text("person", language), "\(person.name) \(person.number)")]
    }

    /// The same for a template.
    func detailViews(_ details: [Detail]) -> [View] { details.map { ["label": $0.label, "value": $0.value] } }

    /// The same in one line.
    func detailLine(_ details: [Detail], _ language: MessageLanguage) -> String {
        details.map(\.value).joined(separator: language == .chinese ? "；" : "; ")
    }

    /// Whom an event is about; nil where it is about nobody.
    func person(of logged: LoggedEvent, _ card: RegisteredCard?) async throws -> PersonReference? {
        switch logged.body.act {
        case .submitted(let facts): facts.person
        case .application(let identifier, _): try await desk.registry { try $0.application(identifier) }?.facts.person
        default: card?.facts?.person
        }
    }

    /// Why somebody who prints an act's slip looks its holder up.
    static func purpose(of act: Act) -> LookUpPurpose {
        switch act {
        case .temporaryLoss, .formalLoss: .loss
        case .released: .release
        case .handedOver, .enabled, .givenBack: .handingOver
        case .replaced: .replacement
        case .cancelled: .cancellation
        default: .inquiry
        }
    }

    /// An element by the name that people know, as far as there is one.
    private func element(_ name: String, _ language: MessageLanguage) -> String {
        let own = name.split(separator: ".").last.map(String.init) ?? name
        let word = "item-\(own)"
        let text = pages.words.text(word, language)
        return text == word ? name : text
    }

    private func list(_ names: [String], _ language: MessageLanguage) -> String {
        names.joined(separator: language == .chinese ? "、" : ", ")
    }
}
