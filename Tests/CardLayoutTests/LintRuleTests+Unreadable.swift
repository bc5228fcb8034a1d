import CardData
import CardLayout
import Foundation
import Testing

/// What the reader refuses before any rule is judged.
extension LintRuleTests {
    /// What the reader refuses, and no fixture has.
    static let unreadable: [Breach] = [
        Breach(code: "layout.unknown-command", file: profile, changes: [("  erase: 80", "  eraze: 80")], at: "eraze:"),
        Breach(
            code: "layout.command-template", file: profile, changes: [("erase: 80 0E 00 00 | | 00", "erase: 80 0E 00")],
            at: "80 0E 00"),
        Breach(
            code: "layout.command-missing", file: profile,
            changes: [("  update-record: 00 DC {recordNumber} {recordReference} | {record}\n", "")],
            at: "name: fmcos-ssse"),
        Breach(
            code: "layout.master-key-first", file: profile,
            changes: [
                (
                    "      39/00: {name: MKMF, state: F, tries: 8}\n      36/00: {name: BK}",
                    "      36/00: {name: BK}\n      39/00: {name: MKMF, state: F, tries: 8}"
                )
            ], at: "36/00: {name: BK}"),
        Breach(
            code: "layout.pin-last", file: profile,
            changes: [
                ("      3A/00: {name: PIN, state: 2, tries: 6, change: EF, protected: false}", "      # moved up"),
                (
                    "      34/00: {name: IRK",
                    "      3A/00: {name: PIN, state: 2, tries: 6, change: EF, protected: false}\n      34/00: {name: IRK"
                ),
            ], at: "3A/00: {name: PIN"),
        Breach(
            code: "layout.read-order", changes: [("readOrder: [SSSE, DF03, DF04]", "readOrder: [SSSE, DF33]")],
            at: "DF33"),
        Breach(
            code: "layout.inner-without-template",
            changes: [
                (
                    "{tag: 2B, title: 婚姻状况",
                    "{tag: 2B, inner: {a: {tag: 01, title: 内, type: an, length: 01}}, title: 婚姻状况"
                )
            ],
            at: "maritalStatus:"),
        Breach(
            code: "layout.public-key-directory", file: profile,
            changes: [
                (
                    "freeCounterQuery: false",
                    "publicKeys: {directory: SSSX, file: 0012, header: 0100, make: 80C40103, sign: 002A9E9A, makeRight: 44, signRight: 22}\nfreeCounterQuery: false"
                )
            ], at: "publicKeys: {directory: SSSX"),
        Breach(
            code: "layout.unknown-profile", changes: [("profile: fmcos-ssse", "profile: none")], at: "profile: none"),
    ]
}
