"""Transfers and what is accounted for of them, summed over any group: what templates/saldos.html shows."""

# The start of a query of transferencias. What was accounted for beyond a transfer stands apart: added up, it would hide
# what is owed of the others. A balance that is not known is no 0.
SUMS = """
    select count(*) as n, cast(sum(monto_transferido) as bigint) as monto_transferido,
        cast(sum(monto_rendido) as bigint) as monto_rendido, cast(sum(monto_aprobado) as bigint) as monto_aprobado,
        cast(sum(monto_reintegrado) as bigint) as monto_reintegrado,
        cast(sum(case when saldo_por_rendir > 0 then saldo_por_rendir else 0 * saldo_por_rendir end) as bigint)
            as por_rendir,
        cast(sum(case when saldo_por_rendir < 0 then -saldo_por_rendir else 0 * saldo_por_rendir end) as bigint)
            as rendido_de_mas
"""
# Beside the sums of each who received, by rut_ejecutor: natural persons fall all together.
RECEIVER = """
    rut_ejecutor, max(ejecutor) as ejecutor, count(*) filter (where estado_rendicion = 'ATRASADA') as atrasadas
"""
