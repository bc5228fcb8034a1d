import CardData
import CardLayout
import Foundation
import Testing

/// The ways to break a good layout, one or more for each rule of the lint.
extension LintRuleTests {
    /// A region's layout from what it has below `directories:`.
    private static func region(_ directories: String) -> String {
        "name: region\ntitle: {zh: 地区, en: A region}\nextends: national-2.0\ndirectories:\n" + directories
    }

    static let profile = "profiles/fmcos-ssse.yaml"

    /// A region's layout with one protected file in DF01.
    private static func protected(_ protection: String, read: String = "RK1DF01") -> String {
        region(
            """
              DF01:
                files:
                  EF1B:
                    title: 受保护
                    structure: transparent
                    size: 10
                    read: \(read)
                    write: UK1DF01
                    protection: \(protection)
            """)
    }

    static let breaches: [Breach] = [
        // Titles.
        Breach(
            code: "layout.english-title", text: "name: region\ntitle: 地区\nextends: national-2.0\n", at: "name: region"),
        // The English one is the extended layout's.
        Breach(
            code: "layout.english-title", text: "name: region\ntitle: {zh: 地区}\nextends: national-2.0\n",
            at: "name: region"),
        // Line protection.
        Breach(
            code: "layout.protection-key", text: protected("{mode: mac, key: STKDF02, reading: plain}"),
            at: "{mode: mac"),
        Breach(
            code: "layout.protection-free",
            text: protected("{mode: mac, key: STKDF01, reading: protected}", read: "free"), at: "{mode: mac"),
        Breach(
            code: "layout.protection-use", text: protected("{mode: enciphered, key: STKDF01, reading: protected}"),
            at: "{mode: enciphered"),
        Breach(
            code: "layout.protection-not-expressible",
            text: protected("{mode: mac, key: STKDF01, reading: plain}"), at: "{mode: mac",
            judgedBy: "t514"),
        // Versions.
        Breach(
            code: "layout.accepted-versions",
            changes: [("acceptedVersions: [\"2.00\", \"2.01\"]", "acceptedVersions: [\"2.01\", \"2.00\"]")],
            at: "name: national-2.0"),
        Breach(
            code: "layout.accepted-versions",
            changes: [("acceptedVersions: [\"2.00\", \"2.01\"]", "acceptedVersions: [\"2.00\", \"3.00\"]")],
            at: "name: national-2.0"),
        Breach(
            code: "layout.accepted-versions",
            changes: [("acceptedVersions: [\"2.00\", \"2.01\"]", "acceptedVersions: [\"2.00\", \"2.00\"]")],
            at: "name: national-2.0"),
        // The whole.
        Breach(code: "layout.other-profile", at: "name: national-2.0", judgedBy: "twin"),
        Breach(
            code: "layout.part-missing",
            changes: [
                (
                    "          cardNumber:              {tag: 07, title: 卡号, type: an, length: 09, format: cardNumber, mandatory: true, record: issue}\n",
                    ""
                )
            ], at: "EF05:"),
        Breach(
            code: "layout.identifier-twice", changes: [("  DF02:\n", "  DF02:\n    identifier: DF01\n")], at: "DF02:"),
        Breach(
            code: "layout.over-budget", at: "{commands: 630", measured: CardCost(commands: 631, bytes: 1, seconds: 1)),
        Breach(
            code: "layout.over-budget", at: "{commands: 630", measured: CardCost(commands: 1, bytes: 25001, seconds: 1)),
        Breach(
            code: "layout.over-budget", at: "{commands: 630", measured: CardCost(commands: 1, bytes: 1, seconds: 43.1)),
        Breach(
            code: "layout.memory", file: profile, changes: [("memorySize: 32768", "memorySize: 4096")],
            at: "name: national-2.0"),
        // two files of 7FFF bytes
        Breach(
            code: "layout.directory-too-large",
            text: region(
                "  SSSE:\n    files:\n"
                    + ["EF1B", "EF1C"].map { name in
                        "      \(name): {title: 大, structure: transparent, size: 7FFF, read: free, write: UKSSSE}\n"
                    }.joined()), at: "SSSE:", judgedBy: "large"),
        Breach(
            code: "layout.parent-unknown",
            changes: [("title: 人事人才\n    parent: SSSE", "title: 人事人才\n    parent: DF08")], at: "DF07:"),
        Breach(
            code: "layout.directory-not-in-profile",
            changes: [
                (
                    "  DF07:\n",
                    "  DF09:\n    title: 无\n    parent: SSSE\n    files:\n"
                        + "      EF05: {title: 无, structure: transparent, size: 01, read: free, write: never}\n  DF07:\n"
                )
            ], at: "DF09:"),
        // Files.
        Breach(
            code: "layout.short-identifier-twice",
            changes: [
                (
                    "      EF0A:\n        title: 国籍与政治面貌\n",
                    "      EF25: {title: 撞, structure: transparent, size: 01, read: free, write: UK1DF01}\n"
                        + "      EF0A:\n        title: 国籍与政治面貌\n"
                )
            ], at: "EF25:"),
        Breach(
            code: "layout.short-identifier",
            changes: [
                (
                    "      EF0A:\n        title: 国籍与政治面貌\n",
                    "      EF20: {title: 零, structure: transparent, size: 01, read: free, write: UK1DF01}\n"
                        + "      EF0A:\n        title: 国籍与政治面貌\n"
                )
            ], at: "EF20:"),
        Breach(
            code: "layout.transparent-elements",
            changes: [
                (
                    "          fingerprints: {title: 指纹, type: b, length: 300}\n",
                    "          fingerprints: {title: 指纹, type: b, length: 180}\n"
                        + "          others: {title: 其他, type: b, length: 180}\n"
                )
            ], at: "EF07:"),
        Breach(
            code: "layout.mandatory-not-created",
            changes: [
                ("title: 婚姻状况\n        structure", "title: 婚姻状况\n        class: reference\n        structure"),
                ("table: marital-status}", "table: marital-status, mandatory: true}"),
            ], at: "maritalStatus:"),
        Breach(
            code: "layout.locked-out",
            changes: [
                (
                    "title: 发卡机构数据\n        structure: variable-record\n        read: free\n        write: UKSSSE",
                    "title: 发卡机构数据\n        structure: variable-record\n        read: free\n        write: never"
                )
            ],
            at: "EF05:"),
        Breach(
            code: "layout.never-read",
            changes: [
                (
                    "title: 婚姻状况\n        structure: variable-record\n        read: pin | RK1DF01",
                    "title: 婚姻状况\n        structure: variable-record\n        read: never"
                )
            ],
            at: "EF08:\n        title: 婚姻状况"),
        Breach(
            code: "layout.too-many-records",
            changes: [("records: 4  # pension", "records: 3  # pension")], at: "EF19:\n        title: 参保凭证"),
        Breach(
            code: "layout.record-number",
            changes: [
                (
                    "maritalStatus: {tag: 2B, title: 婚姻状况, type: an, length: 01, table: marital-status}\n",
                    "maritalStatus: {tag: 2B, title: 婚姻状况, type: an, length: 01, table: marital-status}\n"
                        + "          history: {tag: 2F, title: 史, type: b-tlv, length: 03, repeat: 254, inner: {\n"
                        + "            entry: {tag: 57, title: 次, type: an, length: 01}}}\n"
                )
            ], at: "EF08:\n        title: 婚姻状况"),
        Breach(
            code: "layout.file-too-large",
            changes: [
                ("b-tlv, length: 34, repeat: 3", "b-tlv, length: ED, repeat: 200"),
                (
                    "school: {tag: 59, title: 学校, type: an, length: 28}",
                    "school: {tag: 59, title: 学校, type: an, length: E1}"
                ),
            ], at: "EF15:\n        title: 学历学位"),
        // Elements.
        Breach(
            code: "layout.length-sum",
            changes: [("title: 学位信息, type: b-tlv, length: 34", "title: 学位信息, type: b-tlv, length: 35")], at: "degrees:"),
        Breach(
            code: "layout.record-too-long",
            changes: [("tag: 21, title: 户口地址, type: an, length: 50", "tag: 21, title: 户口地址, type: an, length: F7")],
            at: "householdAddress:"),
        Breach(code: "layout.tag-missing", changes: [("{tag: 2B, ", "{")], at: "maritalStatus:"),
        Breach(
            code: "layout.tag-not-used", changes: [("{title: 指纹, type", "{tag: 7F, title: 指纹, type")],
            at: "fingerprints:", also: ["layout.record-too-long"]),
        Breach(
            code: "layout.tag-twice", changes: [("{tag: 24, title: 常住地区划", "{tag: 23, title: 常住地区划")],
            at: "residenceArea:"),
        Breach(
            code: "layout.table-unknown", changes: [("table: marital-status", "table: no-such")], at: "maritalStatus:"),
        Breach(
            code: "layout.reinterpreted-companion", file: "national-1.0.yaml",
            changes: [
                (
                    "title: 参加党派日期, type: cn, length: 04, format: date, companion: 38",
                    "title: 参加党派日期, type: cn, length: 04, format: date, companion: 2B"
                )
            ],
            at: "partyJoiningDate:"),
        Breach(
            code: "layout.record-missing",
            changes: [
                ("format: citizenNumber, mandatory: true, record: issue}", "format: citizenNumber, mandatory: true}")
            ],
            at: "citizenNumber:"),
        Breach(
            code: "layout.record-not-used",
            changes: [("{title: 指纹, type: b, length: 300}", "{title: 指纹, type: b, length: 300, record: holder}")],
            at: "fingerprints:"),
        // Keys and rights.
        Breach(
            code: "layout.key-unknown", file: profile, at: "36/01: {name: LKDF04",
            keyNames: LayoutLintTests.keyNames.subtracting(["LKDF04"])),
        Breach(
            code: "layout.rule-without-state", changes: [("write: UK3DF01", "write: RKSSSE")],
            at: "EF08:\n        title: 婚姻状况"),
        Breach(
            code: "layout.rule-not-expressible",
            changes: [
                (
                    "title: 婚姻状况\n        structure: variable-record\n        read: pin | RK1DF01",
                    "title: 婚姻状况\n        structure: variable-record\n        read: pin | UK1DF01"
                )
            ],
            at: "EF08:\n        title: 婚姻状况"),
        Breach(
            code: "layout.record-rule-not-expressible", file: "national-3.0.yaml", at: "cardNumber: {read",
            judgedBy: "plain"),
        Breach(
            code: "layout.keys-in-plain", file: profile, changes: [("keyLoading: enciphered", "keyLoading: mac")],
            at: "name: fmcos-ssse"),
        Breach(
            code: "layout.read-unreachable", file: profile,
            changes: [("39/0A: {name: RKSSSE, state: 1}", "39/0A: {name: RKSSSE, state: 1, use: EF}")],
            at: "EF07:", count: 2),
        Breach(
            code: "layout.write-unreachable", file: profile,
            changes: [("39/93: {name: UK3DF01, state: 6}", "39/93: {name: UK3DF01, state: 6, use: EF}")],
            at: "EF08:\n        title: 婚姻状况"),
        Breach(
            code: "layout.lock-last", file: profile,
            changes: [
                ("39/00: {name: MKMF, state: F, tries: 8}", "39/00: {name: MKMF, state: F, tries: 8, change: EF}")
            ],
            at: "39/00: {name: MKMF"),
        Breach(
            code: "layout.lock-last", file: profile,
            changes: [
                (
                    "  MF:\n    createRight: FF\n    eraseRight: FF\n    addKeyRight: FF",
                    "  MF:\n    createRight: FF\n    eraseRight: FF\n    addKeyRight: EF"
                )
            ],
            at: "MF:\n    createRight"),
        Breach(
            code: "layout.pin-missing", file: profile, changes: [("pinLookup: climb", "pinLookup: own")],
            at: "DF01:", count: 4, also: ["layout.read-unreachable"]),
        // Extensions of a region (file structure V2.0 §6).
        Breach(
            code: "layout.extension-directory",
            text: region(
                "  DF09:\n    title: 新\n    parent: SSSE\n    select: D15600000599\n    files:\n"
                    + "      EF0C: {title: 新, structure: transparent, size: 01, read: free, write: UKSSSE}\n"),
            at: "DF09:", also: ["layout.directory-not-in-profile"]),
        Breach(
            code: "layout.extension-file",
            text: region(
                "  DF01:\n    files:\n      EF0B: {title: 新, structure: transparent, size: 01, read: free, write: UK1DF01}\n"
            ),
            at: "EF0B:"),
        Breach(
            code: "layout.extension-element",
            text: region(
                "  SSSE:\n    files:\n      EF06:\n        elements:\n          more: {tag: EA, title: 新, type: an, length: 01}\n"
            ),
            at: "more:"),
        Breach(
            code: "layout.extension-tag",
            text: region(
                "  DF01:\n    files:\n      EF08:\n        elements:\n          more: {tag: 2A, title: 新, type: an, length: 01}\n"
            ),
            at: "more:"),
        Breach(
            code: "layout.extension-changed", text: region("  DF02:\n    files:\n      EF07: {records: 3}\n"),
            at: "EF07:"),
    ]
}
