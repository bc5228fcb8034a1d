import CardData
import Foundation
import Issuing
import Lifecycle
import Testing

@testable import CounterService

/// The files of the pages: what templates and forms name must be there in both languages.
@Suite struct PageFileTests {
    private let words = (try? Words.bundled().table(.chinese)) ?? [:]

    private func templates() throws -> [(name: String, text: String)] {
        let folder = try PageFiles.folder
        return try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".mustache") }
            .map { ($0, try PageFiles.text($0)) }
    }

    @Test func everyWordOfATemplateIsThere() throws {
        let templates = try templates()
        #expect(templates.count > 20)
        for template in templates {
            for match in template.text.matches(of: /\{\{t\.([A-Za-z0-9-]+)\}\}/) {
                #expect(words[String(match.1)] != nil, "\(template.name): \(match.1)")
            }
        }
    }

    @Test func everyWordOfARuleThatAScreenOffersIsThere() {
        var names = CardActForm.allCases.flatMap { ["act-\($0.rawValue)", "about-\($0.rawValue)"] }
        names += CardActForm.allCases.compactMap(\.choices).flatMap { choice in
            choice.words.map { "\(choice.field)-\($0)" } + ["choice-\(choice.field)"]
        }
        names += Proofs.named.map { "proof-\($0.name)" }
        names += ApplicationForm.allCases.flatMap { ["step-\($0.rawValue)", "about-step-\($0.rawValue)"] }
        names += ApplicationForm.reasons.map { "reason-\($0)" }
        names += StockForm.allCases.flatMap { ["stock-\($0.rawValue)", "about-stock-\($0.rawValue)"] }
        names += LookUpPurpose.allCases.map { "purpose-\($0)" }
        names += ShownState.allCases.map { "why-\($0.rawValue)" }
        names += TransitionTable.rows.compactMap(\.slip).map { "slip-\($0.rawValue)" }
        names += ApplicationFacts.Kind.allCases.map { "kind-\($0.name)" }
        names +=
            LossReport.Channel.allCases.map { "channel-\($0)" } + LossReport.Subject.allCases.map { "subject-\($0)" }
        names +=
            Spoilage.Reason.allCases.map { "spoilage-\($0)" }
            + ChipEnd.allCases.flatMap { ["oldCard-\($0)", "endedChip-\($0)"] }
        names += ReplacementReason.allCases.map { "replacement-\($0)" } + PINService.allCases.map { "pin-\($0.name)" }
        names += SlipPaper.allCases.map { "paper-\($0.rawValue)" }
        names += ChipComparison.Item.allCases.map { "item-\($0.rawValue)" }
        names += CardStanding.Kind.allCases.flatMap { ["standing-\($0.rawValue)", "standing-next-\($0.rawValue)"] }
        names += WaitingAct.State.allCases.map { "waiting-\($0.rawValue)" }
        for name in names { #expect(words[name] != nil, "\(name)") }
    }

    /// The content security policy lets no inline script or style through, so a template with one would be broken.
    @Test func noTemplateHoldsInlineScriptOrStyle() throws {
        for template in try templates() {
            #expect(
                template.text.firstMatch(of: /<script(?![^>]*src=)|<style| style=| on[a-z]+=/) == nil,
                "\(template.name)")
            // Three braces would let a value through unescaped.
            #expect(!template.text.contains("{{{") && !template.text.contains("{{&"), "\(template.name)")
        }
    }
}
