{%- set clave = ['rut_proveedor', 'tipo_documento', 'folio'] %}
{%- set montos = ['monto_neto', 'monto_iva', 'monto_total'] %}

{%- set del_registro, del_xml = {}, {} %}
{%- for monto in montos %}
{%- set con_su_signo = con_signo('filas.tipo_documento', 'filas.' ~ monto) %}
{%- do del_registro.update({monto: con_su_signo}) %}
{%- do del_xml.update({monto: 'case when filas.' ~ monto ~ '_del_xml then ' ~ con_su_signo ~ ' end'}) %}
{%- endfor %}

with xml as (
    select
        xml.*
        {%- for monto in montos %},
        documentos.{{ monto }}_del_xml
        {%- endfor %}
    from {{ ref('stg_dte_xml') }} as xml
    inner join {{ ref('int_documentos_tributarios') }} as documentos
        on
            {%- for columna in clave %}
            {{ 'and ' if not loop.first }}xml.{{ columna }} = documentos.{{ columna }}
            {%- endfor %}
)

{{ contribuciones(ref('int_registro_compra'), clave, del_registro, tipo='decimal(18, 0)') }}
union all
{{ contribuciones('xml', clave, del_xml, tipo='decimal(18, 0)') }}
