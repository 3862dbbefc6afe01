"""Words that headers and cells of queue, process, survey and staff files use, in Indonesian and English.

Only used to propose a mapping, which a person then reads. A value is proposed for keeping
only if it is made of these words or is a short code, so that a name in the wrong column
is not proposed.
"""

from __future__ import annotations

import re

HEADERS: dict[str, str] = {
    "case_id": r"case concept name|(no|nomor|id|kode|number) ?(tiket|antrian|antrean|urut|berkas|kasus|permohonan|"
    r"registrasi|register|agenda|resi|rm|pengaduan|aduan|laporan|ticket|case|visit|call|queue)|(ticket|case|visit|"
    r"call|queue|complaint|tiket|tracking) ?(id|no|nomor|number)|(?<!jenis )(antrian|antrean|tiket|ticket)",
    "arrived": r"vru exit|ivr exit|datang|kedatangan|tiba|ambil( (tiket|nomor|antri\w*|antre\w*))?|arriv\w*|check ?in|"
    r"masuk|dibuat|created|registered|registration|daftar|terima|diterima|received|submitted|lapor|laporan|issued|"
    r"time in",
    "started": r"ser start|service start|start of service|mulai|(?<!selesai )dilayani|dipanggil|panggil|called|"
    r"call time|begin|started|start",
    "finished": r"ser exit|service end|end of service|selesai|berakhir|finish\w*|ended|end|complete[dt]?|time out",
    "wait": r"q time|queue time|wait\w*|(lama|waktu) ?tunggu|tunggu|menunggu",
    "duration": r"ser time|service time|handl\w* time|talk time|(lama|durasi|waktu) ?(pe)?layanan|durasi|duration",
    "outcome": r"outcome|status|hasil|result",
    "officer": r"org resource|server|agent|officer|employee|petugas|pegawai|operator|resource|teller|nip|staff?|asn",
    "priority": r"priorit\w*",
    "channel": r"(case )?channel|kanal|saluran|jalur|media|via|source|sumber",
    "service": r"type|jenis(?! kelamin)|service|layanan|jenis layanan|unit|unit layanan|loket|department|"
    r"case department|bagian|dinas|instansi|poli",
    "activity": r"concept name|activity|aktivitas|kegiatan|tahap\w*( proses)?|proses|langkah|step|event",
    "time": r"time timestamp|timestamp|time|waktu|tanggal (dan )?(jam|waktu)|completed?( at)?|waktu selesai",
    "lifecycle": r"lifecycle( transition)?|transition",
    "answered_on": r"tanggal|tgl|date|waktu survei|timestamp|answered( on)?|cap waktu",
    "first_response": r"first response|tanggapan( pertama)?|respon\w*|tindak lanjut|responded",
    "closed": r"closed|selesai|ditutup|penyelesaian|resolved",
    "role": r"role|jabatan|posisi|position",
    "from": r"from|since|mulai|tmt|start( date)?|sejak",
    "until": r"until|to|sampai|berakhir|akhir|end( date)?|selesai",
    "full_time_share": r"full time share|fte|beban|porsi",
    "date": r"(?<!birth )date(?! of birth)|(tanggal|tgl)(?! lahir)",
    "moment": r"jam|pukul|waktu|time|timestamp|(tanggal|tgl|date)(?! lahir| of birth)",
    "requirements": r".*persyaratan.*|.*requirements?.*",
    "procedure": r".*prosedur.*|.*mekanisme.*|.*procedures?.*",
    "cost": r".*biaya.*|.*tarif.*|.*costs?.*|.*fees?.*",
    "product": r".*produk.*|.*products?.*",
    "competence": r".*kompetensi.*|.*competen\w*.*",
    "behaviour": r".*perilaku.*|.*behaviou?r.*",
    "facilities": r".*sarana.*|.*prasarana.*|.*facilit\w*.*",
    "complaints": r".*pengaduan.*|.*complaints?.*",
    "survey_time": r".*waktu( penyelesaian| pelayanan)?.*|.*(time|timeliness|speed).*",
}
"""From a role to what a header of it looks like, in small letters and without punctuation."""
NUMBERED_ELEMENT = r"u ?[1-9]"
PERSON = (
    r"(?!.*concept).*(nama|name|nik|nip|petugas|officer|server|agent|pegawai|employee|resource|operator|customer|"
    r"pemohon|warga|responsible|telp|phone|hp|email|alamat).*"
)
"""A header of people; what stands below it is never proposed for keeping."""
DURATION_UNITS = {
    "seconds": r"(s|sec\w*|detik|dtk)", "minutes": r"(m|min\w*|mnt|menit)", "hours": r"(h|hour\w*|jam)",
    "days": r"(days?|hari)",
}  # fmt: skip
OUTCOMES = {
    "agent": "served", "served": "served", "selesai": "served", "dilayani": "served", "sudah dilayani": "served",
    "terlayani": "served", "pulang": "served", "completed": "served", "complete": "served", "done": "served",
    "finished": "served", "sukses": "served", "hang": "abandoned", "abandoned": "abandoned", "abandon": "abandoned",
    "batal": "abandoned", "dibatalkan": "abandoned", "tidak hadir": "abandoned", "tidak datang": "abandoned",
    "tidak terlayani": "abandoned", "belum dilayani": "open", "no show": "abandoned", "left": "abandoned",
    "pergi": "abandoned", "dilewati": "abandoned", "lewat": "abandoned", "skipped": "abandoned",
    "cancelled": "abandoned", "menunggu": "open", "waiting": "open", "open": "open", "proses": "open",
    "diproses": "open", "pending": "open", "phantom": "ignore", "test": "ignore", "uji coba": "ignore",
}  # fmt: skip
CLOSINGS = {
    "selesai": "resolved", "resolved": "resolved", "closed": "resolved", "ditutup": "resolved", "tuntas": "resolved",
    "ditolak": "rejected", "rejected": "rejected", "proses": "open", "diproses": "open", "open": "open",
    "pending": "open", "menunggu": "open", "belum terverifikasi": "open", "belum ditindaklanjuti": "open",
    "ditunda": "open", "terdisposisi": "open", "arsip": "rejected", "diarsipkan": "rejected",
}  # fmt: skip
CHANNELS = {
    "internet": "internet", "online": "online", "daring": "online", "web": "online", "website": "online",
    "desk": "desk", "loket": "desk", "counter": "desk", "walk in": "desk", "langsung": "desk", "tatap muka": "desk",
    "post": "post", "pos": "post", "surat": "post", "e mail": "email", "email": "email", "intern": "internal",
    "internal": "internal", "phone": "phone", "telepon": "phone", "telp": "phone", "call": "phone",
    "whatsapp": "whatsapp", "wa": "whatsapp", "app": "app", "aplikasi": "app", "mobile": "app", "kiosk": "kiosk",
    "anjungan": "kiosk", "sms": "sms", "qr": "qr", "lapor": "lapor", "sp4n lapor": "lapor",
}  # fmt: skip
LIFECYCLES = {name: name for name in ("schedule", "assign", "start", "suspend", "resume", "complete")}
ANSWERS = {
    "sangat baik": 4, "baik": 3, "kurang baik": 2, "cukup": 2, "tidak baik": 1, "buruk": 1, "sangat sesuai": 4,
    "sesuai": 3, "kurang sesuai": 2, "tidak sesuai": 1, "sangat mudah": 4, "mudah": 3, "kurang mudah": 2,
    "tidak mudah": 1, "sangat cepat": 4, "cepat": 3, "kurang cepat": 2, "tidak cepat": 1, "gratis": 4, "murah": 3,
    "cukup mahal": 2,
    "sangat mahal": 1, "sangat kompeten": 4, "kompeten": 3, "kurang kompeten": 2, "tidak kompeten": 1,
    "sangat sopan dan ramah": 4, "sopan dan ramah": 3, "kurang sopan dan ramah": 2, "tidak sopan dan ramah": 1,
    "dikelola dengan baik": 4, "berfungsi kurang maksimal": 3, "ada tetapi tidak berfungsi": 2, "tidak ada": 1,
    "sangat puas": 4, "puas": 3, "kurang puas": 2, "tidak puas": 1, "sangat setuju": 4, "setuju": 3,
    "kurang setuju": 2, "tidak setuju": 1, "very good": 4, "good": 3, "fair": 2, "poor": 1,
}  # fmt: skip
"""Answers of the questionnaire of PermenPANRB 14/2017 and the like, in small letters, and what they count."""
NOBODY = ("NO_SERVER", "NONE", "NOBODY", "EMPTY", "SYSTEM", "TIDAK ADA", "KOSONG")
_SERVICES = """
akta kartu keluarga ktp kk el kelahiran kematian kawin cerai pindah datang surat keterangan pengantar izin ijin usaha
bangunan imb pbg nib paspor passport sim stnk pajak tax pbb bphtb retribusi perpanjangan baru hilang rusak perubahan
cetak rekam legalisir skck kia domisili waris nikah umum kesehatan poli gigi anak lansia bpjs sosial bantuan pengaduan
informasi information layanan pelayanan loket kasir administrasi general experts customer contact service services
permit permits licence license card birth death marriage certificate registration renewal payment cashier counter desk
elderly tanah sertifikat kependudukan pencatatan sipil perizinan teknis lainnya kepala staf supervisor manager
koordinator pelaksana analis arsiparis pranata penata dinas badan bidang kecamatan kelurahan puskesmas rsud
"""
_OTHER_HEADERS = """
address agama age alamat antrean antrian arrival arrived asal at atau bulan by called case catatan comments concept
customer dan dari deadline desa description deskripsi detik di disposisi education email enddate ended entry eselon
exit finish first gender gol golongan group handling handphone hari hp indeks instansi isi issued jam judul jumlah
kabupaten kategori kecamatan kelamin kelurahan kepuasan kerja keterangan kk klasifikasi komentar kontak kota kritik
lahir lama lanjut last lengkap line location lokasi masukan menit min minutes mobile nama name nik nilai no note notes
npwp of on opd org pangkat pasien pekerjaan pelanggan pelapor pemohon pendidikan pengunjung perkawinan pertama phone
planned pr prioritas priority provinsi q remarks responden responsible rt rw sama saran sec seconds ser serving sesi
shift skor startdate surel tahapan tahun telepon telp tempat terakhir terdisposisi the time topik total tujuan u umur
uraian user usia vru wa waiting waktu warga whatsapp wib wit wita yang
"""
_ACTIVITIES = """
confirmation check adjust determine print send draft create make contact inform register receive review assess approve
approval reject decide decision verify verification sign pay payment archive close open publish request submit validate
inspect inspection forward transfer investigate notify enter stop receipt daftar pendaftaran terima penerimaan
verifikasi validasi periksa pemeriksaan survei cetak tanda tangan setuju persetujuan tolak bayar pembayaran serah
penyerahan arsip input entri disposisi paraf terbit penerbitan kirim ambil antri panggil layani selesai arrive arrival
wait start serve service finish complete leave abandon rework return counter processing left queue gave turned away
"""
SERVICES = frozenset(_SERVICES.split())
"""A name of a service, unit or role is proposed only if it holds one of these words."""
IN_HEADERS = (
    frozenset(re.findall("[a-z]+", " ".join(HEADERS.values()).replace(r"\w", "")))
    | SERVICES.union(*(known.split() for known in (*OUTCOMES, *CHANNELS)))
    | frozenset(_OTHER_HEADERS.split())
)
"""A header is named only if it holds none but these words; else it may hold somebody's name."""
ACTIVITIES = frozenset(_ACTIVITIES.split())
"""The same for the name of an activity."""
