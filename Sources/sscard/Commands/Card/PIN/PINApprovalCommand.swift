import ArgumentParser
import ByteText
import CardApplication
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Issuing
import SmartCardReader

extension PINCommand {
    /// `sscard card pin approval`: what two officers sign before a PIN is reset or unblocked.
    struct Approval: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "双人审批 Have two officers sign for one card, one service and one work order.",
            discussion: """
                例 Examples:
                  sscard card pin approval request --service reset --ticket 2026-0412 --officer 1001 --out reset.json
                  sscard card pin approval sign reset.json --officer-key 1001.key
                  sscard card pin approval sign reset.json --officer-key 2001.key
                  sscard card pin reset --new-pin generate --ticket 2026-0412 --approval reset.json --proof identity-document
                """,
            subcommands: [Request.self, Sign.self, Show.self])

        /// Which service.
        enum Service: String, ExpressibleByArgument, CaseIterable {
            case reset
            case unblock

            /// The use of keys that it comes down to on cards of a profile.
            func operation(_ rules: PINCommandRules) -> KeyOperation {
                switch self {
                case .reset: rules.reset == .reload ? .pinReload : .pinReset
                case .unblock: .pinUnblock
                }
            }
        }

        /// What is told of a document.
        struct Report: Encodable {
            let operation: String
            let card: String
            let area: String
            let ticket: String
            let requester: String
            let issued: String
            let expires: String
            let signedBy: [String]

            init(_ document: ApprovalDocument) {
                operation = document.operation
                card = document.details["card", default: ""]
                area = document.details["area", default: ""]
                ticket = document.details["ticket", default: ""]
                requester = document.requester
                issued = RecordTime(seconds: document.issued / 1000).description
                expires = RecordTime(seconds: document.expires / 1000).description
                signedBy = document.approvals.map(\.officer)
            }
        }

        static func say(_ document: ApprovalDocument, json: Bool) throws {
            let report = Report(document)
            if json { return try Terminal.say(json: report) }
            Terminal.say(
                "\(report.operation) · 卡 card \(report.card) · 地区 area \(report.area) · 工单 ticket \(report.ticket)")
            Terminal.say("经办 asked by \(report.requester) · \(report.issued) – \(report.expires)")
            Terminal.say("已签 signed by \(report.signedBy.isEmpty ? "–" : report.signedBy.joined(separator: " "))")
        }

        /// Reads a document.
        ///
        /// Throws `pin-approval.file`.
        static func read(_ path: String) throws(Faults) -> ApprovalDocument {
            let bytes = try DurableFile.readBytes(path)
            do {
                return try JSONDecoder().decode(ApprovalDocument.self, from: Data(bytes))
            } catch {
                throw Faults("pin-approval.file", ["path": path])
            }
        }

        static func text(_ document: ApprovalDocument) throws -> String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
        }

        struct Request: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "提出申请 Write down the request for the card in the reader; changes nothing on it.",
                discussion:
                    "例 Example: sscard card pin approval request --service reset --ticket 2026-0412 --officer 1001 --out reset.json"
            )
            @OptionGroup var site: SiteOptions
            @Option(help: "读卡器 Reader; the only one with a card when none is named.") var reader: String?
            @Option(help: "布局 Layout; by the card's answer to reset when none is named.") var layout: String?
            @Option(help: "业务 reset or unblock.") var service: Service
            @Option(help: "工单号 Number of the form or call.") var ticket: String
            @Option(help: "经办人编号 Number of the officer who will serve the card.") var officer: UInt64
            @Option(help: "有效分钟 How many minutes it holds, up to a day.") var validMinutes: UInt64 = 60
            @Option(help: "新文件 The request's file; one that is there is never overwritten.") var out: String
            @Flag(help: "输出 JSON.") var json = false

            func run() async throws {
                let site = try Site(site)
                let ticket = try WorkTicket(ticket)
                let reader = SmartCardReader(try ReaderList.reader(named: reader).name)
                let document = try await reader.withCard { channel in
                    let answer = channel.answerToReset
                    let profile = try site.card(named: layout, answering: answer.bytes).profile
                    guard let context = CardKeyContext(answer, profile: profile, area: site.area) else {
                        throw IssuingError.noIdentity
                    }
                    return try PINApproval.request(
                        service.operation(profile.pinCommands), card: context, ticket: ticket,
                        requester: String(officer), minutes: validMinutes, at: KeyRoom.clock())
                }
                try DurableFile.create(Approval.text(document), at: out)
                try Approval.say(document, json: json)
            }
        }

        struct Sign: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "签署 Sign a request as one of two officers, after reading what it says.",
                discussion: "例 Example: sscard card pin approval sign reset.json --officer-key 2001.key")
            @Argument(help: "申请文件 The request's file.") var file: String
            @OptionGroup var signer: OfficerKeyOptions
            @Flag(help: "输出 JSON.") var json = false

            func run() throws {
                var document = try Approval.read(file)
                let request = try document.request
                try PINApproval.check(request)
                if !json { try Approval.say(document, json: false) }
                let key = try signer.key()
                guard !document.approvals.contains(where: { $0.officer == key.officer }) else {
                    throw ApprovalError.approvedTwice(key.officer)
                }
                document.add(try key.approve(request))
                try DurableFile.replace(Approval.text(document), at: file)
                if json { return try Approval.say(document, json: true) }
                Terminal.say("已签署 signed: \(key.officer)")
            }
        }

        struct Show: ParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "查看 Show what a request asks for, and check who has signed it.",
                discussion: "例 Example: sscard card pin approval show reset.json")
            @OptionGroup var site: SiteOptions
            @Argument(help: "申请文件 The request's file.") var file: String
            @Flag(help: "输出 JSON.") var json = false

            func run() throws {
                let document = try Approval.read(file)
                _ = try document.approved(by: ApprovalOptions.officers(site), at: KeyRoom.clock())
                try Approval.say(document, json: json)
                if !json { Terminal.say("两名不同审批人的签名有效 two officers' signatures hold") }
            }
        }
    }
}
