import ByteText
import CardApplication
import CardCryptography
import CardData
import CardLayout
import Foundation
import ISO7816
import IssuerKeys
import Personalization
import Testing
import VirtualCard

/// The small layout with protected files, and a finished card of it.
extension ProtectedFileTests {
    static let secret = "LR990101000001"

    /// A small layout of a region: the environment, and an application with a file of each kind of protection.
    static func compiled(profile settings: String = "", on chip: String = "fmcos-ssse-region") throws -> CompiledCard {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.copyItem(atPath: CardFactory.home + "/CardLayouts", toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        try layout.write(toFile: folder.path + "/small.yaml", atomically: true, encoding: .utf8)
        try "name: small\ntitle: 小\nextends: \(chip)\n\(settings)\n"
            .write(toFile: folder.path + "/profiles/small.yaml", atomically: true, encoding: .utf8)
        return try CompiledCard(
            layout: LayoutReader.read(folder.path + "/small.yaml"),
            profile: COSProfileReader.read(folder.path + "/profiles/small.yaml"))
    }

    private static let layout = """
        name: small
        title: 小
        specificationVersion: "3.00"
        profile: small
        directories:
          SSSE:
            title: 环境
            identifier: DF00
            select: 7378312E73682EC9E7BBE1B1A3D5CF
            files:
              EF05:
                title: 发卡机构数据
                structure: variable-record
                read: free
                write: UKSSSE
                elements:
                  identificationCode: {tag: 01, title: 卡的识别码, type: b, length: 10, format: identificationCode}
          DF0A:
            title: 地区便民服务
            parent: SSSE
            select: D1560000050A
            files:
              EF05:
                title: 登记
                structure: variable-record
                read: pin | RK1DF0A
                write: UK1DF0A
                protection: {mode: enciphered, key: STKDF0A, reading: protected}
                elements:
                  libraryReader: {tag: ED, title: 借书证号, type: an, length: 10}
                  serviceDate:   {tag: EE, title: 登记日期, type: cn, length: 04, format: date}
              EF06:
                title: 记录
                structure: cyclic
                records: 5
                length: 08
                read: free
                write: UK1DF0A
                protection: {mode: mac, key: STKDF0A, reading: plain}
                elements:
                  date: {title: 日期, type: cn, length: 04, format: date}
                  kind: {title: 服务类型, type: an, length: 04}
              EF07:
                title: 图
                structure: transparent
                size: 12C
                read: RK1DF0A
                write: UK1DF0A
                protection: {mode: mac, key: STKDF0A, reading: protected}
                elements:
                  map: {title: 地图, type: b, length: 12C}
        """

    static let values = [
        "identificationCode": "990101D15600000504000001A1B2C3D4", "libraryReader": secret, "serviceDate": "20260701",
        "DF0A.EF06": "date=20260701;kind=A1|date=20260702;kind=B2",
        "map": [UInt8](repeating: 0x5A, count: 300).hexadecimal,
    ]

    /// A finished card of the small layout.
    struct Finished {
        let factory: CardFactory
        let card: VirtualCard
        var compiled: CompiledCard { factory.compiled }

        init(_ settings: String = "", on chip: String = "fmcos-ssse-region") throws {
            factory = try CardFactory(ProtectedFileTests.compiled(profile: settings, on: chip))
            let workshop = try factory.workshop()
            defer { workshop.close() }
            card = try factory.blank()
            try workshop.begin(
                factory.plan(ProtectedFileTests.values), on: VirtualCardChannel(card), values: ProtectedFileTests.values
            )
        }

        func read(_ channel: any CardChannel, presentsKeys: Bool = true) throws -> [String: FileReading.Outcome] {
            let readings = try CardReader(
                factory.conversation(channel), compiled, presentsKeys: presentsKeys, pinLength: 3
            ).read(directories: ["DF0A"])
            return Dictionary(uniqueKeysWithValues: readings.map { ($0.file, $0.outcome) })
        }
    }
}
